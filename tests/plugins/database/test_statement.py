"""What of SQL reads allowed tables and nothing else."""

from __future__ import annotations

import pytest

from assistant.errors import ToolError
from plugins.database.statement import checked

TABLES = ("orders", "sales.people", "Mixed")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders",
        "SELECT id FROM ORDERS WHERE name LIKE '%a:b%' ORDER BY 1 LIMIT 3",
        'SELECT * FROM "Mixed" UNION ALL SELECT * FROM sales.people',
        "WITH a AS (SELECT * FROM orders), b AS (SELECT * FROM a) SELECT count(*) FROM b JOIN a ON a.id = b.id",
        "SELECT * FROM (WITH a AS (SELECT 1 AS n) SELECT * FROM a) AS x",
        "WITH a AS (SELECT 1 AS n) SELECT * FROM orders WHERE id IN (SELECT n FROM a)",
        "SELECT coalesce(name, 'x'), sum(amount) OVER (PARTITION BY id) FROM orders",
        "SELECT to_char(day, 'YYYY') FROM orders;",
    ],
)
def test_reading_is_allowed(sql: str) -> None:
    assert checked(sql, "postgres", TABLES, 201)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("SELECT * FROM orders LIMIT 1 + 1", "no number"),
        ("SELECT * FROM orders FETCH FIRST 5 ROWS ONLY", "no number"),
        ("SELECT * FROM secrets", "secrets is not allowed"),
        ("SELECT * FROM people", "people is not allowed"),
        ("SELECT * FROM other.orders", "other.orders is not allowed"),
        ('SELECT * FROM "ORDERS"', "ORDERS is not allowed"),
        ("SELECT * FROM mixed", "mixed is not allowed"),
        ("SELECT (SELECT max(x) FROM secrets) FROM orders", "secrets is not allowed"),
        ("WITH secrets AS (SELECT * FROM secrets) SELECT * FROM secrets", "secrets is not allowed"),
        ("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a", "b is not allowed"),
        ("SELECT * FROM (WITH secrets AS (SELECT 1) SELECT * FROM secrets) x, secrets", "secrets is not allowed"),
        ('WITH "SECRETS" AS (SELECT 1) SELECT * FROM SECRETS', "secrets is not allowed"),
        ("WITH a AS (SELECT 1) SELECT * FROM public.a", "public.a is not allowed"),
        ("WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT * FROM a) SELECT * FROM a", "RECURSIVE"),
        ("WITH a AS (DELETE FROM orders RETURNING *) SELECT * FROM a", "more than read: DELETE"),
        ("SELECT * INTO copied FROM orders", "more than read: INTO"),
        ("SELECT * FROM orders FOR UPDATE", "more than read: LOCK"),
        ("SELECT query_to_xml('SELECT * FROM secrets', true, true, '')", "query_to_xml is not allowed"),
        ("SELECT pg_catalog.pg_read_file('/etc/passwd')", "pg_read_file is not allowed"),
        ("SELECT pg_sleep(100)", "pg_sleep is not allowed"),
        ("SELECT * FROM pg_ls_dir('/')", "is not allowed|is no table"),
        ("SELECT * FROM generate_series(1, 1000000000)", "is no table"),
        ("DELETE FROM orders", "not one SELECT"),
        ("SELECT 1; SELECT 2", "not one SELECT"),
        ("TABLE secrets", "secrets is not allowed"),
        ("EXPLAIN ANALYZE SELECT 1", "not one SELECT|not understood"),
        ("COPY orders TO '/tmp/x'", "not one SELECT"),
        ("SELEC 1", "not one SELECT|not understood"),
        ("", "not one SELECT"),
    ],
)
def test_anything_else_is_refused(sql: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        checked(sql, "postgres", TABLES, 201)


def test_what_is_asked_is_what_was_understood() -> None:
    assert "secret" not in checked("SELECT 1 /* secret */ FROM orders -- secret", "postgres", TABLES, 201)
    assert checked("SELECT * FROM Orders, [MIXED]", "sqlite", TABLES, 201)


@pytest.mark.parametrize(
    ("asked", "limit"), [("", 201), (" LIMIT 5", 5), (" LIMIT 100000 OFFSET 3", 201), (" UNION SELECT 2 LIMIT 7", 7)]
)
def test_rows_are_limited(asked: str, limit: int) -> None:
    assert f"LIMIT {limit}" in checked(f"SELECT 1{asked}", "postgres", TABLES, 201)
