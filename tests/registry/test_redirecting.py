"""A stored secret, which an editor sees as a mask, is not sent to another place than it was stored for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from assistant.catalog import MASK, keep_masked
from assistant.catalog.keyring import Ciphertext
from assistant.catalog.secrets import Secret
from assistant.errors import ConfigurationError
from assistant.registry import load_registry, refuse_redirected
from assistant.registry.configured import marked, validated


class Config(BaseModel):
    """A configuration with a secret."""

    base_url: str = "https://wiki.example"
    port: int = 443
    spaces: tuple[str, ...] = ()
    note: str = ""
    mirror: str = Field("", json_schema_extra={"address": True})
    link: str = Field("", json_schema_extra={"address": False})
    headers: dict[str, SecretStr] = {}
    token: SecretStr = SecretStr("")


def complete(config: Mapping[str, Any]) -> dict[str, Any]:
    return marked(validated(Config, config, "source 'w'", "wiki"))


def stored(value: str) -> Secret:
    return Secret(lambda: value, Ciphertext("t", "k"))


OLD = {"base_url": "https://wiki.example", "token": stored("tok-1234")}


def edited(**changes: Any) -> None:
    kept = keep_masked(OLD, {"base_url": "https://wiki.example", "token": MASK, **changes})
    refuse_redirected(OLD, kept, complete, Config.model_json_schema(), "source 'w'")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("base_url", "https://wiki.example.evil"),
        ("base_url", "http://wiki.example"),
        ("port", 8443),
        ("mirror", "elsewhere"),
        ("note", "//elsewhere/share"),
        ("note", "elsewhere:8080"),
        ("note", "203.0.113.7"),
        ("note", "2001:db8::1"),
        ("spaces", ["https://elsewhere"]),
    ],
)
def test_an_address_is_not_changed_while_a_secret_is_kept(field: str, value: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        edited(**{field: value})
    assert refused.value.message.startswith(f"source 'w': {field}")
    assert "token is sent" in refused.value.message
    assert refused.value.hint == "give token again, not as its mask"
    assert "tok-1234" not in str(refused.value)
    edited(**{field: value}, token="tok-new-1234")  # the editor knows this one
    edited(**{field: value}, token="")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"spaces": ["HR", "IT"]},
        {"note": "read every day at 10:30"},
        {"link": "https://elsewhere/{key}"},
        {"port": 443},
        {"headers": {"X-Extra": "abcdefgh"}},
    ],
)
def test_what_is_no_address_is_changed_with_the_mask(changes: dict[str, Any]) -> None:
    edited(**changes)


def test_every_field_of_the_built_in_kinds_that_is_an_address_is_known() -> None:
    """Where each sends its secrets, by hand; a kind that is added here later has to be thought of."""
    addresses = {
        "confluence": {"url": "https://b"}, "feed": {"feeds": ["https://b/f"]}, "git": {"url": "https://b/x.git"},
        "github": {"url": "https://b"}, "gitlab": {"url": "https://b"}, "google_drive": {"api": "https://b"},
        "imap": {"host": "b"}, "jira": {"url": "https://b"}, "llamaindex": {"arguments": {"base": "b"}},
        "s3": {"endpoint": "https://b"}, "sharepoint": {"api": "https://b", "login": "https://b"},
        "slack": {"api": "https://b"}, "sql": {"url": "postgresql://b/x"}, "web": {"start": ["https://b/"]},
        "webdav": {"url": "https://b"}, "database": {"url": "postgresql://b/x"},
        "http_api": {"server": "https://b", "description": "https://b/api.json"},
        "langchain": {"arguments": {"base": "b"}, "path": "b"}, "mcp": {"url": "https://b"},
        "mcp_command": {"command": ["b"]},
        "ticket": {"url": "https://b"},
    }  # fmt: skip
    registry = load_registry()
    kinds: dict[str, Any] = {**registry.sources, **registry.tool_kinds}
    for name, kind in kinds.items():
        schema = kind.schema()
        if "password" not in str(schema):
            continue
        assert name in addresses, f"where does {name} send its secrets?"
        for field, value in addresses[name].items():
            assert field in schema["properties"], f"{name} has no {field}"
            old = {field: "a" if isinstance(value, str) else type(value)(), "secret": stored("tok-1234")}
            with pytest.raises(ConfigurationError, match=field):
                refuse_redirected(old, {**old, field: value}, dict, schema, f"source {name!r}")
