"""The SQL source against a real Postgres, and SQLite."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.sql import SqlConfig, SqlSource
from tests.contracts.data_source_contract import DataSourceContract


@dataclass
class SqlScene:
    engine: Engine
    table: str
    source: SqlSource

    def run(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), values)

    def put(self, key: str, data: bytes) -> None:
        self.remove(key)
        self.run(f"INSERT INTO {self.table} (id, body) VALUES (:key, :data)", key=key, data=data)  # noqa: S608

    def remove(self, key: str) -> None:
        self.run(f"DELETE FROM {self.table} WHERE id = :key", key=key)  # noqa: S608


def _scene(url: str, kind: str = "TEXT", **more: Any) -> SqlScene:
    engine, table = create_engine(url, poolclass=NullPool), f"t{uuid.uuid4().hex[:8]}"
    blob = "BYTEA" if engine.dialect.name == "postgresql" else "BLOB"
    made = SqlScene(engine, table, source(url, table, **more))
    made.run(f"CREATE TABLE {table} (id {kind} PRIMARY KEY, body {blob}, name TEXT, changed INTEGER, who TEXT)")
    return made


def source(address: str, table: str = "none", **more: Any) -> SqlSource:
    values = {"url": address, "query": f"SELECT * FROM {table}", "content": "body"}  # noqa: S608
    return SqlSource(SqlConfig.model_validate({**values, **more}))


@pytest.fixture
def lite(tmp_path: Path) -> str:
    path = tmp_path / "wiki.db"
    path.touch()
    return f"sqlite:///{path}"


def listed(one: SqlSource) -> dict[str, str | None]:
    changes = list(one.changes(None))
    assert changes[-1] == Checkpoint("", complete=True)
    return {change.key: change.version for change in changes if isinstance(change, Changed)}


class TestOnPostgres(DataSourceContract):
    @pytest.fixture
    def scene(self, postgres: str) -> SqlScene:
        return _scene(postgres)


class TestOnSqlite(DataSourceContract):
    @pytest.fixture
    def scene(self, lite: str) -> SqlScene:
        return _scene(lite)


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "sql" in load_registry().sources


def test_a_row_is_a_document_with_its_title_readers_and_link(postgres: str) -> None:
    link = "https://x.example/{id}?n={name}"
    scene = _scene(postgres, "INTEGER", title="name", content="", readers="who", link=link)
    insert = f"INSERT INTO {scene.table} (id, name, changed, who) VALUES "  # noqa: S608
    scene.run(insert + "(7, 'Leave & travel', 3, 'hr, user:ann'), (8, NULL, NULL, NULL)")
    raw = scene.source.fetch("7")
    assert raw.data.decode() == "# Leave & travel\n\n**changed:** 3\n"
    assert (raw.title, raw.uri) == ("Leave & travel", "https://x.example/7?n=Leave%20%26%20travel")
    assert raw.access == Access(frozenset({"group:hr", "user:ann"}))
    assert scene.source.fetch("8").access == Access(frozenset())  # nobody is named: nobody reads it
    assert scene.source.fetch("8").title == "8"
    for key in ("9", "seven", "7 OR 1=1", "07"):
        with pytest.raises(NotFoundError):
            scene.source.fetch(key)


def test_with_a_version_only_that_tells_a_change_and_readers_are_listed_beside_it(lite: str) -> None:
    scene = _scene(lite, version="changed", readers="who")
    scene.run(f"INSERT INTO {scene.table} VALUES ('a', 'x', 'n', 1, 'hr')")  # noqa: S608
    first = listed(scene.source)
    scene.run(f"UPDATE {scene.table} SET name = 'other'")  # noqa: S608
    assert listed(scene.source) == first
    scene.run(f"UPDATE {scene.table} SET who = 'legal'")  # noqa: S608
    assert listed(scene.source) == first
    [change] = [one for one in scene.source.changes(None) if isinstance(one, Changed)]
    assert change.access == Access(frozenset({"group:legal"}))
    scene.run(f"UPDATE {scene.table} SET changed = 2, who = 'hr'")  # noqa: S608
    assert listed(scene.source)["a"] != first["a"]


def test_many_rows_are_listed_as_they_come(lite: str) -> None:
    query = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 20000) SELECT id FROM n"
    one = source(lite, query=query, content="")
    assert len(listed(one)) == 20_000
    stopped = iter(one.changes(None))
    assert next(stopped) == Changed("1", next(iter(listed(one).values())))


@pytest.mark.parametrize(
    "query",
    [
        "WITH gone AS (DELETE FROM {0} RETURNING id) SELECT id FROM gone",
        "SELECT id FROM {0}) AS x; DELETE FROM {0}; --",
        "SELECT nextval('{0}_s')::text AS id",
    ],
)
def test_a_query_that_writes_is_refused_by_the_database(postgres: str, query: str) -> None:
    scene = _scene(postgres)
    scene.put("a", b"x")
    scene.run(f"CREATE SEQUENCE {scene.table}_s")
    with pytest.raises(SourceError):
        listed(source(postgres, query=query.format(scene.table)))
    assert list(listed(scene.source)) == ["a"]


def test_sqlite_cannot_be_written_to_either(lite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = _scene(lite)
    with scene.source._database._reading() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(text(f"DELETE FROM {scene.table}"))  # noqa: S608


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"query": "SELECT 1 AS other"}, "no column|no such column"),
        ({"query": "SELECT NULL AS id"}, "a row has no id"),
        ({"query": "SELECT 1 AS id UNION ALL SELECT 1"}, "the key '1' twice"),
        ({"query": "SELECT id FROM nowhere"}, "nowhere"),
        ({"url": "sqlite:////nowhere/x.db"}, "no database"),
        ({"url": "oracle+nonsense://x/y"}, "driver"),
    ],
)
def test_what_is_wrong_is_said(lite: str, more: dict[str, str], why: str) -> None:
    with pytest.raises(SourceError, match=why) as caught:
        listed(source(lite, content="", **{"query": "SELECT 1 AS id", **more}))
    assert not caught.value.retryable


def test_a_silent_server_is_tried_again_and_a_refused_sign_in_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    one = source("postgresql+pg8000://ann@127.0.0.1:1/wiki", password="hush-hush-hush")
    with pytest.raises(SourceUnreachableError) as silent:
        listed(one)
    assert "hush" not in str(silent.value)

    def refused(*_: object) -> None:  # as pg8000 hands on what the server says
        told = {"S": "FATAL", "C": "28P01", "M": "password authentication failed"}
        raise DBAPIError("", {}, Exception(told))

    monkeypatch.setattr(Engine, "connect", refused)
    with pytest.raises(SourceError, match="refuses: password authentication failed") as caught:
        listed(one)
    assert not caught.value.retryable


def test_limits_are_said(lite: str) -> None:
    scene = _scene(lite, max_bytes=10)
    scene.put("a", b"x" * 11)
    with pytest.raises(DocumentTooLargeError, match="a has 11 bytes"):
        scene.source.fetch("a")


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"url": "postgresql://ann:hush@x/y", "query": "SELECT 1"}, "password"),
        ({"url": "sqlite:///x", "query": "DELETE FROM x"}, "SELECT"),
    ],
)
def test_a_password_in_the_address_and_other_statements_are_refused(values: dict[str, str], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        load_registry().validate("sql", values)
    assert "hush" not in str(caught.value)
