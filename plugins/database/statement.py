"""Checks that a statement reads allowed tables and does nothing else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from assistant.errors import ToolError

_FUNCTIONS = frozenset({"strftime", "julianday", "printf", "instr", "to_char", "total", "age", "make_date"})
_HINT = "write one SELECT over the allowed tables"


def checked(sql: str, dialect: str, tables: Collection[str], most: int) -> str:
    """Return the statement, written anew from what was understood of it: that, and nothing else, is what is asked.

    Args:
        sql: one SELECT, which may have parts (WITH, UNION, subqueries).
        dialect: `postgres` or `sqlite`.
        tables: the names allowed, as the database has them, with their schema where it is to be written.
        most: rows; what asks for more, or does not say, gets these.

    Raises:
        ToolError: it is no statement, more than one, or it may do or read something else.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        found = [one for one in sqlglot.parse(sql, read=dialect) if one is not None]
    except (SqlglotError, RecursionError) as error:
        first = str(error).splitlines()[0][:300]
        raise ToolError(f"the statement is not understood: {first}", _HINT) from error
    if len(found) != 1 or not isinstance(found[0], exp.Select | exp.SetOperation):
        raise ToolError("this is not one SELECT", _HINT)
    tree = found[0]
    writing = (exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock)
    growing = (exp.Repeat, exp.Pad, exp.Space)  # a gigabyte of nothing, which the answer would bring here
    for node in tree.walk():
        if isinstance(node, writing):
            raise ToolError(f"the statement does more than read: {node.key.upper()}", _HINT)
        if isinstance(node, growing):
            raise ToolError(f"the function {node.key.upper()} is not allowed", "use the usual functions of SQL")
        if isinstance(node, exp.With) and node.recursive:
            raise ToolError("the statement repeats itself (RECURSIVE)", _HINT)
        if isinstance(node, exp.Anonymous) and str(node.name).lower() not in _FUNCTIONS:
            raise ToolError(f"the function {node.name} is not allowed", "use the usual functions of SQL")
        if isinstance(node, exp.Table):
            _check_table(node, dialect, tables)
    _limit(tree, most)
    return tree.sql(dialect=dialect, comments=False)


def _limit(tree: Any, most: int) -> None:
    from sqlglot import exp

    limit = tree.args.get("limit")
    if limit is not None:
        number = limit.expression if isinstance(limit, exp.Limit) else None
        if not isinstance(number, exp.Literal) or not number.is_int:
            raise ToolError("the limit of rows is no number", "write LIMIT and a number")
        most = min(most, int(number.this))
    tree.set("limit", exp.Limit(expression=exp.Literal.number(most)))


def _check_table(table: Any, dialect: str, tables: Collection[str]) -> None:
    from sqlglot import exp

    if not isinstance(table.this, exp.Identifier):
        raise ToolError(f"{table.sql()[:100]} is no table", _HINT)
    if dialect == "sqlite":  # whose names are the same in any case, quoted or not
        name = ".".join(part.name.lower() for part in table.parts)
        allowed = {one.lower() for one in tables}
    else:
        name = ".".join(part.name if part.args.get("quoted") else part.name.lower() for part in table.parts)
        allowed = set(tables)
    if name not in allowed and not (len(table.parts) == 1 and _is_named_above(table)):
        raise ToolError(f"the table {name} is not allowed", f"allowed are: {', '.join(sorted(tables))}")


def _is_named_above(table: Any) -> bool:
    """Whether the name is of a WITH that the place of the table sees.

    Within a WITH, only what is defined before counts: another one of its name would be a real table.
    """
    from sqlglot import exp

    previous, node = table, table.parent
    while node is not None:
        named: list[Any] = []
        if isinstance(node, exp.With):
            own = next(at for at, one in enumerate(node.expressions) if one is previous)
            named = node.expressions[:own]
        elif not isinstance(previous, exp.With):
            named = next((one.expressions for one in node.args.values() if isinstance(one, exp.With)), [])
        if any(_spelt(one.args["alias"].this) == _spelt(table.this) for one in named):
            return True
        previous, node = node, node.parent
    return False


def _spelt(identifier: Any) -> tuple[str, bool]:
    return identifier.name, bool(identifier.args.get("quoted"))
