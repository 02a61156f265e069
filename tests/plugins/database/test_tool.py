"""The tool that asks a database: a real SQLite file, and a real PostgreSQL server."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from assistant.errors import ConfigurationError, ToolError
from assistant.interfaces import CheckedTool
from assistant.plugin_kit import run_checks, target_of
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import ToolResult, User
from plugins.database import DatabaseConfig, DatabaseTool
from tests.fakes.databases import running_postgres

SALES = User("s", frozenset({"sales"}))


@pytest.fixture
def url(tmp_path: Path) -> str:
    with sqlite3.connect(tmp_path / "shop.db") as made:
        made.execute("CREATE TABLE orders (id INTEGER, name TEXT)")
        made.executemany("INSERT INTO orders VALUES (?, ?)", [(n, f"a:{n}%") for n in range(300)])
        made.execute("CREATE TABLE secrets (x TEXT)")
    made.close()
    return f"sqlite:///{tmp_path / 'shop.db'}"


def run(url: str, user: User = SALES, **arguments: Any) -> ToolResult:
    config = DatabaseConfig(url=url, tables=("orders",), seconds=0.5)
    return DatabaseTool("shop", config).run(arguments, user)


def test_columns_and_rows(url: str) -> None:
    assert run(url).text == "orders (id INTEGER, name TEXT)"
    assert run(url, sql="SELECT * FROM orders WHERE name LIKE 'a:7%'  LIMIT 1").text == "id | name\n7 | a:7%"
    assert run(url, sql="SELECT * FROM orders WHERE id < 0").text.endswith("No row fits.")


def test_many_rows_are_cut_and_it_says_so(url: str) -> None:
    result = run(url, sql="SELECT * FROM orders")
    assert (len(result.data["rows"]), result.data["cut"]) == (200, True)
    assert "more rows than these 200" in result.text


def test_a_long_query_ends(url: str) -> None:
    with pytest.raises(ToolError, match=r"took over 0\.5 seconds"):
        run(url, sql="SELECT count(*) FROM orders a, orders b, orders c, orders d")


def test_a_query_that_begins_after_its_time_ends_too(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = DatabaseTool._reading

    @contextlib.contextmanager
    def slowly(tool: DatabaseTool) -> Iterator[Connection]:
        with reading(tool) as connection:
            time.sleep(1)
            yield connection

    monkeypatch.setattr(DatabaseTool, "_reading", slowly)
    with pytest.raises(ToolError, match=r"took over 0\.5 seconds"):
        run(url, sql="SELECT count(*) FROM orders a, orders b, orders c")


def test_what_is_wrong_is_named(url: str) -> None:
    for arguments, told in (
        ({"sql": "SELECT missing FROM orders"}, "no such column"),
        ({"sql": 5}, "sql is no text"),
        ({"query": "x"}, "no argument 'query'"),
        ({"sql": "SELECT * FROM secrets"}, "not allowed"),
    ):
        with pytest.raises(ToolError, match=told):
            run(url, **arguments)
    with pytest.raises(ToolError, match="there is no database"):
        run(f"{url}x")
    assert not Path(f"{url}x".removeprefix("sqlite:///")).exists()


def test_even_what_got_past_the_check_cannot_write(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.database.tool.checked", lambda *_: "DELETE FROM orders")
    with pytest.raises(ToolError, match="readonly"):
        run(url, sql="x")


def test_postgres() -> None:
    with running_postgres() as server:
        engine = create_engine(server.url)
        with engine.begin() as made:
            made.execute(text("CREATE TABLE orders (id int, name text)"))
            made.execute(text("INSERT INTO orders VALUES (1, '100% \\:x'), (2, 'b')"))
        engine.dispose()
        assert run(server.url).text == "orders (id INTEGER, name TEXT)"
        found = run(server.url, sql="SELECT id::text AS n, name FROM orders WHERE name LIKE '%:x'")
        assert found.data["rows"] == [["1", "100% :x"]]
        with pytest.raises(ToolError, match=r"took over 0\.5 seconds"):
            run(server.url, sql="SELECT count(*) FROM (SELECT generate_series(1, 2000000000) AS n) AS x")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("plugins.database.tool.checked", lambda *_: "DELETE FROM orders RETURNING id")
            with pytest.raises(ToolError, match="read-only transaction"):
                run(server.url, sql="x")


def registered() -> tuple[PluginRegistry, ModuleType]:
    registry = PluginRegistry()
    return registry, load_plugin(registry, "database", "1.0", "plugins.database", "register")


def test_it_is_configured_and_passes_the_conformance_kit(url: str) -> None:
    registry, module = registered()
    values = {"url": url, "tables": ["orders"], "about": "the shop"}
    assert registry.offers("database") == [("tool kind", "database")]
    (shop,) = registry.tool_kind("database").make("shop", values)
    registry.add_tool(shop)
    assert isinstance(shop, CheckedTool)
    assert shop.check() == "can be read: orders"
    examples = {"shop": {"sql": "SELECT * FROM orders WHERE id < 5"}}
    target = replace(target_of("database", module, registry), examples=examples)
    outcomes = list(run_checks(target, seconds=120))
    assert [(one.check, one.detail) for one in outcomes if one.state == "failed"] == []
    assert len([one for one in outcomes if one.on == "tool shop"]) == 8


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"url": "sqlite:///x", "tables": []}, "'shop': tables"),
        ({"url": "mysql://x", "tables": ["a"]}, "only PostgreSQL and SQLite"),
        ({"url": "sqlite:///x", "tables": ["a"], "password": "hunter2"}, "SQLite has no passwords"),
        ({"url": "postgresql://a:hunter2@x", "tables": ["a"]}, "password into its own field"),
    ],
)
def test_a_wrong_configuration_is_named(values: dict[str, Any], told: str) -> None:
    registry, _ = registered()
    with pytest.raises(ConfigurationError, match=told) as raised:
        registry.tool_kind("database").validate(values, "tool 'shop'")
    assert "hunter2" not in str(raised.value)
