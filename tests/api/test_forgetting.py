"""From a form to the catalog: a secret that is forgotten there is gone, and one that is left alone stays."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel, SecretStr

from assistant.catalog import MASK, revealed
from assistant.types import ToolResult, User
from tests.fakes.system import System
from ui.schemas import FORGET, config_of, drawn, fields_of

TOKEN = "tok-51c0ffee"  # noqa: S105 (of no server)


class BoxConfig(BaseModel):
    """A box."""

    label: str
    token: SecretStr = SecretStr("")


class Box:
    """A tool."""

    writes, description = False, "Looks into a box."

    def __init__(self, name: str, config: BoxConfig) -> None:
        self.name, self.parameters = name, {"type": "object", "properties": {}}

    def run(self, arguments: Any, user: User) -> ToolResult:
        return ToolResult("empty")


def _sent(schema: dict[str, Any], shown: dict[str, Any], token: Any) -> dict[str, Any]:
    """Return what the form of a configuration sends that is shown so."""
    fields = fields_of(schema)
    filled = {field.name: drawn(field, shown.get(field.name, field.default)) for field in fields}
    return config_of(fields, {**filled, "token": token}, shown)


@pytest.mark.parametrize("what", ["sources", "tools"])
def test_a_forgotten_secret_is_gone_and_another_stays(client: TestClient, system: System, what: str) -> None:
    system.registry.add_source("box", BoxConfig, lambda _: system.source)
    system.registry.add_tool_kind("box", BoxConfig, Box)
    body = {"name": "b", "kind": "box", "config": {"label": "l", "token": TOKEN}, "groups": []}
    if what == "sources":
        del body["groups"]
    shown = client.post(f"/api/{what}", json=body).json()["config"]
    assert shown == {"label": "l", "token": MASK}
    kind = client.get(f"/api/{what}").json()["kinds"]["box"]
    schema = kind["config"] if what == "tools" else kind
    held: Any = getattr(system.catalog, what)
    for token, stored in (("", TOKEN), (FORGET, "")):
        answer = client.patch(f"/api/{what}/b", json={"config": _sent(schema, shown, token)})
        assert answer.status_code == 200, answer.text
        assert revealed(held.get("b").config) == {"label": "l", "token": stored}
    assert answer.json()["config"] == {"label": "l", "token": ""}
