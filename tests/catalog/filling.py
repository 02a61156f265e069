"""Fills every table that a catalog has with rows, whatever its schema, and reads them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    Table,
    insert,
    inspect,
    select,
)

from assistant.catalog.audit_triggers import arm, disarm
from assistant.types import LOCAL_OPERATOR, document_id

ROWS = 3
BEGAN = 1_760_000_000.0
Rows = dict[str, dict[tuple[Any, ...], dict[str, Any]]]

_KEY = "manual {}.md"
_ACCESS = {"default": {"allow": ["group:everyone"], "deny": []}, "rules": []}
# what the product gives a meaning to; everything else is a value of the column's type
_MEANT: Mapping[tuple[str, str], Callable[[int], Any]] = {
    ("sources", "name"): lambda n: f"handbook {n}",
    ("sources", "kind"): lambda _: "folder",
    ("sources", "config"): lambda n: {"path": f"/srv/handbook-{n}"},
    ("sources", "readers"): lambda _: _ACCESS,
    ("sources", "passwords"): lambda _: [],
    ("sources", "state"): lambda _: "active",
    ("sources", "schedule"): lambda _: None,
    ("sources", "time_zone"): lambda _: "UTC",
    ("documents", "id"): lambda n: document_id(f"handbook {n}", _KEY.format(n)),
    ("documents", "key"): _KEY.format,
    ("documents", "authors"): lambda _: ["Ann"],
    ("documents", "parent"): lambda _: None,
    ("grants", "principal"): lambda _: "group:everyone",
    ("grants", "allowed"): lambda _: True,
    ("runs", "state"): lambda _: "done",
    ("runs", "phases"): lambda _: {"parse": 1.5},
    ("jobs", "state"): lambda _: "failed",
    ("jobs", "action"): lambda _: "ingest",
    ("jobs", "stage"): lambda _: "parse",
    ("jobs", "parent"): lambda _: None,
    ("uploads", "readers"): lambda _: [],
    ("indexes", "state"): lambda _: "dropped",
    ("people", "role"): lambda _: "employee",
    ("people", "disabled"): lambda _: False,
    ("conversations", "user"): lambda _: LOCAL_OPERATOR.id,
    ("conversations", "deleted_at"): lambda _: None,
    ("conversations", "shown"): "turns {}".format,
    ("conversations", "turns"): lambda _: 1,
    ("turns", "number"): lambda _: 1,
    ("turns", "parent"): lambda _: None,
    ("turns", "origin"): lambda _: "asked",
    ("turns", "state"): lambda _: "complete",
    ("turns", "question"): "How are trips booked? ({})".format,
    ("turns", "plan"): lambda _: {},
    ("turns", "answer"): lambda _: {},
    ("turns", "error"): lambda _: {},
    ("turns", "options"): lambda _: {},
    ("turns", "context"): lambda _: {},
    ("feedback", "verdict"): lambda _: "good",
    ("feedback", "cited"): lambda n: [[f"handbook {n}", _KEY.format(n)]],
    ("audit_chain", "id"): lambda n: n,
    ("audit_chain", "anchor"): lambda _: 0,
    ("packs", "documents"): lambda _: [],
    ("tools", "described"): lambda _: [],
    ("tools", "enabled"): lambda _: False,
    ("plugins", "enabled"): lambda _: False,
    ("evaluations", "results"): lambda _: [],
}


def tables(connection: Connection) -> MetaData:
    """Return the tables as they are in the database, but Alembic's own."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version")
    return found


def fill(engine: Engine, batch: int = 0) -> None:
    """Put rows into every table, with foreign keys that hold.

    Args:
        engine: of a catalog.
        batch: rows of different batches can be in one catalog.
    """
    first = batch * ROWS + 1
    with engine.begin() as connection:
        here = tables(connection)
        guarded = "audit" in here.tables
        if guarded:
            disarm(connection)
        for table in here.sorted_tables:
            count = 1 if table.name == "audit_chain" else ROWS
            rows = [_row(table, number) for number in range(first, first + count)]
            if table.name != "audit_chain" or connection.execute(select(table)).first() is None:
                connection.execute(insert(table), rows)
        if guarded:
            arm(connection)


def rows(engine: Engine) -> Rows:
    """Return every row of every table, by its primary key; JSON as values."""
    with engine.connect() as connection:
        here = tables(connection)
        return {
            table.name: {
                tuple(row[key.name] for key in table.primary_key.columns): {
                    name: _plain(table.columns[name], value) for name, value in row.items()
                }
                for row in connection.execute(select(table)).mappings()
            }
            for table in here.sorted_tables
        }


def shape(engine: Engine) -> dict[str, Any]:
    """Return what the schema is, in words that can be compared: columns, keys, indexes."""
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        looked = inspect(connection)
        for table in sorted(set(looked.get_table_names()) - {"alembic_version"}):
            found[table] = {
                "columns": {
                    column["name"]: (str(column["type"]), column["nullable"], column["default"])
                    for column in looked.get_columns(table)
                },
                "key": sorted(looked.get_pk_constraint(table)["constrained_columns"]),
                "foreign": sorted(
                    (str(key["constrained_columns"]), key["referred_table"], str(sorted(key["options"].items())))
                    for key in looked.get_foreign_keys(table)
                ),
                "unique": sorted(str(key["column_names"]) for key in looked.get_unique_constraints(table)),
                "indexes": sorted(
                    (str(index["name"]), str(index["column_names"]), bool(index["unique"]), _where(index))
                    for index in looked.get_indexes(table)
                    if not index.get("duplicates_constraint")
                ),
            }
    return found


def _where(index: Mapping[str, Any]) -> str:
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def _row(table: Table, number: int) -> dict[str, Any]:
    row = {column.name: _value(table.name, column, number) for column in table.columns}
    for column in table.columns:
        for key in column.foreign_keys:
            parent = key.column
            row[column.name] = _value(parent.table.name, parent, number)
    return row


def _value(table: str, column: Column[Any], number: int) -> Any:
    meant = _MEANT.get((table, column.name))
    if meant is not None:
        value = meant(number)
        return json.dumps(value) if isinstance(value, (dict, list)) and not isinstance(column.type, JSON) else value
    match column.type:
        case Boolean():
            return number % 2 == 0
        case Float():
            return BEGAN + number
        case BigInteger() | Integer():
            return number
        case JSON():
            return ["everyone", f"{table} {number}"] if column.name.endswith("s") else {"number": number}
    length = getattr(column.type, "length", None)
    return f"{table} {number}"[-length:] if length else f"{table} {column.name} {number} – ä"


def _plain(column: Column[Any], value: Any) -> Any:
    return json.dumps(value, sort_keys=True) if isinstance(column.type, JSON) else value
