"""Configured tools from the command line: real kinds, on a home of its own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_one_clear_line, json_of


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The configuration of a database, in a file."""
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE orders (id INTEGER)")
    made.close()
    file = tmp_path / "shop.json"
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    file.write_text(json.dumps({"url": url, "tables": ["orders"]}))
    return file


def test_a_tool_is_added_seen_changed_and_removed(assistant: Run, shop: Path) -> None:
    kinds = json_of(assistant("tools", "kinds", "--json"))["kinds"]
    assert {"database", "http_api", "langchain", "mail_draft", "mcp", "mcp_command", "ticket"} <= set(kinds)
    added = assistant("tools", "add", "database", "--name", "shop", "--groups", "sales", "--config", f"@{shop}")
    assert added.stdout == "added shop for sales: can be read: orders; it offers shop\n", added.stderr
    desk = '{"url": "https://tickets.example.org/api", "token": "tok-4411aa"}'
    assert "for the operator only" in assistant("tools", "add", "ticket", "--name", "desk", "--config", desk).stdout
    shown = assistant("tools", "show", "desk")
    assert (json_of(shown)["config"]["token"], "tok-4411aa" in shown.stdout) == ("*" * 10, False)
    usable = json_of(assistant("tools", "usable", "--groups", "sales", "--json"))["tools"]
    assert {"search", "shop"} <= {one["name"] for one in usable}
    assert assistant("tools", "edit", "shop", "--groups", "hr").stdout == "shop is changed, for hr\n"
    assert "shop" not in assistant("tools", "usable", "--groups", "sales").stdout
    assert "is off" in assistant("tools", "disable", "shop").stdout
    assert "shop is on, for hr" in assistant("tools", "enable", "shop").stdout
    assert assistant("tools", "remove", "shop", "--yes").stdout == "removed shop\n"
    assert [one["name"] for one in json_of(assistant("tools", "list", "--json"))["tools"]] == ["desk"]


def test_what_is_wrong_is_one_line(assistant: Run, shop: Path, tmp_path: Path) -> None:
    add = ("tools", "add", "database", "--name", "shop", "--config")
    (tmp_path / "wrong.json").write_text(shop.read_text().replace("shop.db", "gone.db"))
    assert_one_clear_line(assistant(*add, f"@{tmp_path / 'wrong.json'}"), "there is no database")
    assert_one_clear_line(assistant(*add, "{"), "--config is not JSON", "for a database")
    assert_one_clear_line(assistant("tools", "test", "shop"), "no configured tool 'shop'", "tools list")
