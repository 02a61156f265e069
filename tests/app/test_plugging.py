"""Tools that the settings configure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.app import build
from assistant.errors import ConfigurationError
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, User


def test_a_table_of_the_settings_makes_a_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = {
        "kind": "database",
        "url": "postgresql://x/shop",
        "tables": ["orders"],
        "groups": ["sales"],
        "password": "x7",
    }
    monkeypatch.setenv("ASSISTANT_TOOLS", json.dumps({"shop": shop}))
    settings = load_settings(home=tmp_path)
    assert "x7" not in repr(settings)
    with build(settings) as app:
        assert "orders" in app.registry.tool("shop").description
        assert {"search", "read_document", "tables", "shop"} <= {
            tool.name for tool in app.tools.for_user(LOCAL_OPERATOR)
        }
        assert "shop" not in {tool.name for tool in app.tools.for_user(User("x", frozenset({"everyone"})))}


def test_a_wrong_one_is_named(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path, tools={"shop": {"kind": "shop"}})
    told = "tool 'shop': there is no tool kind 'shop'"
    with build(settings) as app, pytest.raises(ConfigurationError, match=told):
        _ = app.registry
