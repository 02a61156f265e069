"""Configured tools over the API: for those who manage; what somebody may use, for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, SecretStr

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.catalog import MASK
from assistant.errors import ToolError
from assistant.types import ToolResult, User
from tests.api.test_feedback import become
from tests.fakes.system import System

KEY = "key-8830aa17"


class LampConfig(BaseModel):
    """A lamp.

    With a switch.
    """

    model_config = ConfigDict(extra="forbid")

    room: str
    key: SecretStr = SecretStr("")


class Lamp:
    """A tool."""

    writes = True
    description = "Lights a room."

    def __init__(self, name: str, config: LampConfig) -> None:
        self.name, self.parameters = name, {"type": "object", "properties": {}}
        if config.room == "cellar":
            raise ToolError(f"no light for {config.key.get_secret_value()}", "buy a lamp")

    def run(self, arguments: Any, user: User) -> ToolResult:
        return ToolResult("lit")


@pytest.fixture(autouse=True)
def lamps(system: System) -> None:
    system.registry.add_tool_kind("lamp", LampConfig, Lamp)
    system.registry.add_tool_kind("program", LampConfig, Lamp, for_operators=True)


def body(**config: Any) -> dict[str, Any]:
    return {
        "name": "hall", "kind": "lamp", "groups": ["sales"], "config": {"room": "hall", "key": KEY, **config}
    }  # fmt: skip


def test_a_tool_from_the_form_to_its_end(client: TestClient, api: FastAPI) -> None:
    kinds = client.get("/api/tools").json()["kinds"]
    assert (kinds["lamp"]["about"], kinds["lamp"]["for_operators"]) == ("A lamp.", False)
    assert kinds["lamp"]["config"]["required"] == ["room"]
    assert client.post("/api/tools/test", json={"kind": "lamp", "config": {"room": "hall"}}).json() == {
        "tried": "it can be made; nothing was called"
    }
    added = client.post("/api/tools", json=body())
    assert added.status_code == 201
    assert added.json()["config"] == {"room": "hall", "key": MASK}
    assert [(one["name"], one["writes"]) for one in added.json()["tools"]] == [("hall", True)]
    answers = [client.get("/api/tools/hall"), client.get("/api/tools"), client.post("/api/tools/hall/test")]
    answers.append(client.patch("/api/tools/hall", json={"config": {"room": "attic", "key": MASK}}))
    answers.append(client.post("/api/tools/hall/disable"))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert not any(KEY in answer.text for answer in answers)
    assert (answers[-1].json()["state"], answers[-1].json()["config"]["room"]) == ("disabled", "attic")
    assert client.get("/api/usable-tools").json() == {"tools": []}
    assert client.post("/api/tools/hall/enable").json()["state"] == "enabled"
    api.dependency_overrides[signed_in] = lambda: Caller(User("ann", frozenset({"sales"})))
    assert [one["name"] for one in client.get("/api/usable-tools").json()["tools"]] == ["hall"]
    api.dependency_overrides[signed_in] = lambda: Caller(User("bob", frozenset({"everyone"})))
    assert client.get("/api/usable-tools").json() == {"tools": []}
    api.dependency_overrides.clear()
    assert client.delete("/api/tools/hall").json()["name"] == "hall"
    assert client.get("/api/tools/hall").status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"config": {"room": "cellar", "key": KEY}}, f"no light for {MASK}"),
        ({"config": {"room": [KEY]}}, "tool 'hall': room: "),
        ({"config": {"room": "hall", "lamp": KEY}}, "lamp: Extra inputs"),
        ({"config": {"room": "hall", "key": MASK}}, "here is none"),
        ({"kind": "fan"}, "there is no tool kind 'fan'"),
        ({"name": "Hall"}, "cannot be the name of a tool"),
        ({"groups": KEY}, "groups: "),
    ],
)
def test_what_is_wrong_is_told_without_what_was_sent(client: TestClient, changes: dict[str, Any], told: str) -> None:
    answer = client.post("/api/tools", json={**body(), **changes})
    assert (answer.status_code, told in answer.json()["error"]) == (422, True), answer.text
    assert KEY not in answer.text
    assert client.get("/api/tools").json()["tools"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("POST", "/test"),
        *(("POST", f"/hall/{act}") for act in ("test", "enable", "disable")),
        ("GET", "/hall"),
        ("PATCH", "/hall"),
        ("DELETE", "/hall"),
    ],
)
def test_an_employee_may_not(api: FastAPI, client: TestClient, method: str, path: str) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(User("ann", frozenset({"sales"})))
    sent = {"name": "hall", "kind": "lamp", "config": {}} if path == "" else {"kind": "lamp", "config": {}}
    sent = {} if method == "PATCH" else sent
    assert client.request(method, f"/api/tools{path}", json=sent).status_code == 403


def test_an_admin_who_is_not_the_operator_starts_no_programs(api: FastAPI, client: TestClient) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(User("root", frozenset({"everyone"}), "admin"))
    refused = client.post("/api/tools", json={**body(), "kind": "program"})
    assert (refused.status_code, refused.json()["code"]) == (403, "AccessDeniedError")
    assert client.post("/api/tools", json=body()).status_code == 201


def test_no_admin_s_source_looks_into_the_home(client: TestClient, api: FastAPI, system: System) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(User("root", frozenset({"everyone"}), "admin"))
    inside = {"path": str(system.folder / "blobs")}
    for answer in (
        client.post("/api/sources", json={"name": "w", "kind": "memory", "config": inside}),
        client.post("/api/sources/test", json={"kind": "memory", "config": inside}),
        client.patch("/api/sources/s", json={"config": inside}),
        client.post("/api/tools/test", json={"kind": "lamp", "config": {"room": inside["path"]}}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "AccessDeniedError")
    assert client.patch("/api/sources/s", json={"schedule": None}).status_code == 200


def test_an_admin_tries_a_call_with_the_own_rights(client: TestClient, api: FastAPI, system: System) -> None:
    assert client.post("/api/tools", json=body()).status_code == 201
    path, asked = "/api/tools/hall/call", {"tool": "hall"}
    refused = client.post(path, json=asked)
    assert (refused.status_code, refused.json()["code"]) == (422, "ToolError")
    assert client.post(path, json={**asked, "agreed": True}).json()["text"] == "lit"
    assert client.post(path, json={"tool": "calculator", "agreed": True}).status_code == 404
    become(api, User("root", frozenset({"everyone"}), "admin"))
    denied = client.post(path, json={**asked, "agreed": True})
    assert (denied.status_code, denied.json()["code"]) == (422, "ToolError")
    become(api, User("sal", frozenset({"everyone", "sales"}), "admin"))
    assert client.post(path, json={**asked, "agreed": True}).json()["text"] == "lit"
    become(api, User("sam", frozenset({"sales"})))
    assert client.post(path, json={**asked, "agreed": True}).status_code == 403
