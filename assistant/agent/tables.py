"""Read-only SQL over the tables in documents that the user may read, as a tool."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from assistant.access import Library
from assistant.agent.arguments import refuse_unknown, text_of, told_to_the_model
from assistant.agent.documents import stretch
from assistant.agent.sheets import Sheet, holds_tables, quoted, sheets_of
from assistant.errors import ToolError
from assistant.types import Document, Passage, ToolResult, User, interrupted_after

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SECONDS = 10.0
_MOST_ROWS = 200
_MOST_CELLS = 1_000_000
_MOST_DOCUMENTS = 10
_LISTED = 100
_AT_ONCE = 1000  # documents of the library that are looked at together
_CITED = 2000  # characters of a table, from its header on
_CLOSED = {
    "enable_external_access": "false",  # no file, no network, no extension
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",  # else a query reads this program's variables by their names
    "threads": "1",
    "memory_limit": "512MB",
    "temp_directory": "",
}
# What makes a value of any size in one step: DuckDB neither interrupts such a step nor holds it to its memory limit.
_GROWING = re.compile(
    r"""\b(repeat|lpad|rpad|printf|format|list_resize|array_resize)"?(?:\s|/\*.*?\*/|--[^\n]*\n)*\(""",
    re.IGNORECASE | re.DOTALL,
)


class TablesTool:
    """Queries CSV files and workbooks; see `interfaces.Tool`.

    Args:
        library: returns what reads documents now.
        seconds: that one query may take.
        most_cells: that the tables of one call may have together.
    """

    name = "tables"
    description = (
        "Works with the tables in CSV files and workbooks that the user may read. Without arguments it lists those"
        " documents; with `documents` it returns their tables, columns and types; with `sql` besides it runs one SELECT"
        " (DuckDB's SQL) over these tables. Names stand in double quotes; an empty cell is NULL."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "documents": {
                "type": "array",
                "description": f"The documents with the tables, {_MOST_DOCUMENTS} at most.",
                "items": {
                    "type": "object",
                    "properties": {"source": {"type": "string"}, "key": {"type": "string"}},
                    "required": ["source", "key"],
                },
            },
            "sql": {"type": "string", "description": "One SELECT over the tables of `documents`."},
        },
        "required": [],
        "additionalProperties": False,
    }
    writes = False

    def __init__(
        self, library: Callable[[], Library], seconds: float = _SECONDS, most_cells: int = _MOST_CELLS
    ) -> None:
        self._library = library
        self._seconds, self._most_cells = seconds, most_cells

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        sql = text_of(arguments, "sql", "")
        wanted = _wanted(arguments)
        if not wanted:
            if sql:
                raise ToolError(
                    "documents is missing: a query needs to know which tables", "name them by source and key"
                )
            return self._listed(user)
        with told_to_the_model():
            sheets = self._sheets([self._library().read(source, key, user) for source, key in wanted])
        if not sql:
            return _described(sheets)
        return self._queried(sql, sheets)

    def _listed(self, user: User) -> ToolResult:
        library, found, offset = self._library(), [], 0
        while page := library.documents(user, limit=_AT_ONCE, offset=offset):
            found += [info.ref for info in page if holds_tables(info)]
            offset += _AT_ONCE
        if not found:
            return ToolResult("There are no tables that the user may read.", {"documents": []})
        shown = found[:_LISTED]
        lines = [f"- {ref.title} (source {ref.source}, key {ref.key})" for ref in shown]
        if len(found) > len(shown):
            lines.append(f"and {len(found) - len(shown):,} more: `search` finds those")
        documents = [{"source": ref.source, "key": ref.key, "title": ref.title} for ref in shown]
        told = tuple(ref.id for ref in shown)
        return ToolResult("\n".join(lines), {"documents": documents, "all": len(found)}, documents=told)

    def _sheets(self, documents: Sequence[Document]) -> list[Sheet]:
        sheets = sheets_of(documents)
        if not sheets:
            raise ToolError("these documents have no tables", "call it without arguments to see which have")
        cells = sum(sheet.cells for sheet in sheets)
        if cells > self._most_cells:
            raise ToolError(
                f"these tables have {cells:,} cells, and the limit is {self._most_cells:,}", "name fewer documents"
            )
        return sheets

    def _queried(self, sql: str, sheets: Sequence[Sheet]) -> ToolResult:
        import duckdb

        with duckdb.connect(":memory:", config=dict(_CLOSED)) as connection:
            _fill(connection, sheets)
            connection.execute("SET lock_configuration = true")
            try:
                with interrupted_after(self._seconds, connection.interrupt):
                    _check(connection, sql)
                    asked = connection.execute(sql)
                    columns = [str(column[0]) for column in asked.description or ()]
                    rows = asked.fetchmany(_MOST_ROWS + 1)
            except duckdb.InterruptException as error:
                raise ToolError(f"the query took over {self._seconds:g} seconds", "ask for less") from error
            except duckdb.Error as error:
                raise ToolError(f"the query failed: {' '.join(str(error).split())[:500]}", _names(sheets)) from error
        return ToolResult.of_rows(columns, rows, _MOST_ROWS, _cited(sheets))


def _wanted(arguments: Mapping[str, Any]) -> list[tuple[str, str]]:
    given = arguments.get("documents") or []
    if (
        not isinstance(given, list)
        or len(given) > _MOST_DOCUMENTS
        or not all(isinstance(one, Mapping) for one in given)
    ):
        raise ToolError(f"documents is no list of up to {_MOST_DOCUMENTS} objects with source and key", "correct it")
    return list(dict.fromkeys((text_of(one, "source"), text_of(one, "key")) for one in given))


def _fill(connection: DuckDBPyConnection, sheets: Sequence[Sheet]) -> None:
    for sheet in sheets:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in sheet.columns)
        connection.execute(f"CREATE TABLE {quoted(sheet.name)} ({columns})")
        given = ", ".join(f"unnest(${at}::VARCHAR[])::{kind}" for at, (_, kind) in enumerate(sheet.columns, start=1))
        values = [list(column) for column in sheet.values]
        connection.execute(f"INSERT INTO {quoted(sheet.name)} SELECT {given}", values)


def _check(connection: DuckDBPyConnection, sql: str) -> None:
    import duckdb

    if growing := _GROWING.search(sql):
        raise ToolError(f"the function {growing[1]} is not allowed", "leave padding and repeating to the reader")
    kinds = [statement.type for statement in connection.extract_statements(sql)]
    if kinds != [duckdb.StatementType.SELECT]:
        told = ", ".join(kind.name for kind in kinds) or "nothing"
        raise ToolError(f"sql is to be one SELECT, and it is: {told}", "write one SELECT")


def _described(sheets: Sequence[Sheet]) -> ToolResult:
    tables = [
        {
            "name": sheet.name,
            "document": {"source": sheet.document.ref.source, "key": sheet.document.ref.key},
            "rows": sheet.rows,
            "columns": [{"name": name, "type": kind} for name, kind in sheet.columns],
        }
        for sheet in sheets
    ]
    return ToolResult(_names(sheets), {"tables": tables}, _cited(sheets))


def _names(sheets: Sequence[Sheet]) -> str:
    lines = []
    for sheet in sheets:
        columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in sheet.columns)
        lines.append(f"{quoted(sheet.name)} ({columns}), {sheet.rows:,} rows, of {sheet.document.ref.key}")
    return "\n".join(lines)


def _cited(sheets: Sequence[Sheet]) -> tuple[Passage, ...]:
    return tuple(stretch(one.document, one.block.start, min(one.block.end, one.block.start + _CITED)) for one in sheets)
