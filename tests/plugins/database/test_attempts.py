"""Attempts to write, to read other tables or files, and to run something, on a real SQLite and a real PostgreSQL.

What the check lets through is asked; then nothing has changed and nothing of the secret table was said.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from assistant.errors import ToolError
from assistant.types import User
from plugins.database import DatabaseConfig, DatabaseTool

SECRET = "s3cr3t-91"  # noqa: S105 - what must not be said
SALES = User("s", frozenset({"sales"}))
BOTH = (
    *("DELETE FROM orders", "UPDATE orders SET id = 7", "INSERT INTO orders VALUES (9, 'x')", "DROP TABLE orders"),
    *("CREATE TABLE made (a int)", "ALTER TABLE orders ADD COLUMN a int", "SELECT 1; DROP TABLE orders", "VACUUM"),
    *("SELECT * FROM orders; COMMIT; DELETE FROM orders", "BEGIN; DELETE FROM orders; COMMIT", "EXPLAIN SELECT 1"),
    *("WITH a AS (DELETE FROM orders RETURNING *) SELECT * FROM a", "SELECT * FROM secrets", "REINDEX", "ANALYZE"),
    *('SELECT * FROM "secrets"', "SELECT * FROM orders WHERE name IN (SELECT x FROM secrets)", "TABLE secrets"),
    *(
        "SELECT (SELECT x FROM secrets)",
        "SELECT * FROM orders ORDER BY (SELECT x FROM secrets)",
        "SELECT 1 UNION SELECT 2",
    ),
    *("SELECT * FROM orders UNION SELECT 1, x FROM secrets", "SELECT count(*) FILTER (WHERE x) FROM secrets"),
    *("SELECT * FROM orders WINDOW w AS (ORDER BY (SELECT x FROM secrets))", "SELECT 1 /* ; DROP TABLE orders; */"),
    *(
        "SELECT 1 -- \n; DROP TABLE orders",
        'SELECT \'\' AS "a""; DROP TABLE orders; --"',
        "SELECT '''; DROP TABLE orders; --'",
    ),
    *("SELECT * FROM orders LIMIT 1 OFFSET (SELECT count(*) FROM secrets)", "VALUES ((SELECT x FROM secrets))"),
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT count(*) FROM a",
)
SQLITE = (
    *("PRAGMA query_only = OFF", "PRAGMA writable_schema = ON", "ATTACH DATABASE '{folder}/made.db' AS made"),
    *(
        "VACUUM INTO '{folder}/made.db'",
        "SELECT load_extension('{folder}/made.so')",
        "SELECT readfile('{folder}/f.txt')",
    ),
    *("SELECT writefile('{folder}/made.txt', 'x')", "SELECT * FROM sqlite_master", "SELECT * FROM sqlite_schema"),
    *("SELECT * FROM pragma_table_info('secrets')", "SELECT * FROM pragma_database_list", "SELECT * FROM [secrets]"),
    *("SELECT * FROM `secrets`", "SELECT * FROM main.secrets", "SELECT * FROM 'secrets'", "SELECT edit('x')"),
    *("REPLACE INTO orders VALUES (1, 'x')", "SELECT fts3_tokenizer('simple')", "SELECT zeroblob(2000000000)"),
    *("SELECT randomblob(1000000000)", "SELECT length(printf('%1000000000d', 1))", "SELECT format('%1000000000d', 1)"),
    "SELECT length(replace(printf('%9000000d', 1), ' ', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))",
)
POSTGRES = (
    *(
        "COPY orders TO '/tmp/made'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "SHOW ALL",
    ),
    *("SELECT pg_catalog.pg_read_file('/etc/passwd')", "SELECT \"pg_read_file\"('/etc/passwd')", "CALL p()"),
    *("SELECT encode(pg_read_binary_file('/etc/passwd'), 'base64')", "SELECT * FROM pg_ls_dir('/')", "LISTEN a"),
    *(
        "SELECT * FROM ROWS FROM (pg_ls_dir('/'))",
        "SELECT lo_import('/etc/passwd')",
        "SELECT lo_export(1, '/tmp/made')",
    ),
    *("SELECT set_config('transaction_read_only', 'off', false)", "SET TRANSACTION READ WRITE", "SET ROLE postgres"),
    *("SELECT nextval('s')", "SELECT setval('s', 100)", "SELECT NEXT VALUE FOR s", "SELECT pg_terminate_backend(1)"),
    *("SELECT pg_advisory_lock(1)", "SELECT pg_notify('a', 'b')", "SELECT pg_sleep(100)", "SELECT txid_current()"),
    *("SELECT query_to_xml('SELECT * FROM secrets', true, true, '')", "SELECT table_to_xml('secrets', true, true, '')"),
    *("SELECT database_to_xml(true, true, '')", "SELECT * FROM ts_stat('SELECT x FROM secrets')", "DO $$BEGIN END$$"),
    *("SELECT dblink('host=x', 'SELECT 1')", "SELECT (NULL::secrets).*", "SELECT * FROM pg_catalog.pg_authid"),
    *("SELECT * FROM information_schema.tables", "SELECT * FROM orders, LATERAL (SELECT * FROM secrets) AS x"),
    *("SELECT ARRAY(SELECT x FROM secrets)", "SELECT * FROM ONLY secrets", "SELECT row_to_json(secrets) FROM orders"),
    *(
        "SELECT * FROM orders FOR UPDATE",
        "SELECT * FROM orders FOR KEY SHARE",
        "SELECT 1 INTO made",
        "LOCK TABLE orders",
    ),
    *("CREATE TABLE made AS SELECT 1", "PREPARE a AS SELECT 1", "DECLARE c CURSOR FOR SELECT 1", "TRUNCATE orders"),
    *(
        "MERGE INTO orders USING orders AS o ON true WHEN MATCHED THEN DELETE",
        "SELECT current_setting('data_directory')",
    ),
    *(
        "SELECT repeat('x', 1000000000)",
        "SELECT lpad('x', 1000000000, 'y')",
        "SELECT * FROM generate_series(1, 9e9::int8)",
    ),
    # what the check writes anew is read by another parser: text that one of them ends earlier would become a statement
    *(r"SELECT E'\\', ' , (SELECT x FROM secrets) , '", r"SELECT E'\134', ' , (SELECT x FROM secrets) , '"),
    *(r"SELECT E'\x5c', ' , (SELECT x FROM secrets) , '", r"SELECT 'a\', ' , (SELECT x FROM secrets) , '"),
    *(r"SELECT E'\'' || (SELECT x FROM secrets) --'", r"SELECT U&'\005c', ' , (SELECT x FROM secrets) , '"),
    *("SELECT $a$ '; DROP TABLE orders; -- $a$", r"SELECT U&'!005c' UESCAPE '!', ' , (SELECT x FROM secrets) , '"),
)
ROWS = [(1, "a"), (2, "b")]


def attempt(url: str, sql: str) -> str:
    """Return what the tool says to it."""
    try:
        return (
            DatabaseTool("shop", DatabaseConfig(url=url, tables=("orders",), seconds=5)).run({"sql": sql}, SALES).text
        )
    except ToolError as error:
        return str(error)


@pytest.mark.parametrize("sql", [*BOTH, *SQLITE])
def test_sqlite(sql: str, tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text(SECRET)
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db", isolation_level=None)) as made:
        made.execute("CREATE TABLE orders (id INTEGER, name TEXT)")
        made.executemany("INSERT INTO orders VALUES (?, ?)", ROWS)
        made.execute("CREATE TABLE secrets (x TEXT)")
        made.execute("INSERT INTO secrets VALUES (?)", [SECRET])
    before = (tmp_path / "shop.db").read_bytes()
    said = attempt(f"sqlite:///{tmp_path / 'shop.db'}", sql.replace("{folder}", str(tmp_path)))
    assert SECRET not in said
    assert len(said) < 10_000
    assert (tmp_path / "shop.db").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"f.txt", "shop.db"}


@pytest.fixture(scope="module")
def shop(postgres: str) -> Iterator[str]:
    engine = create_engine(postgres)
    with engine.begin() as made:
        made.execute(text("CREATE TABLE orders (id int, name text)"))
        made.execute(text("INSERT INTO orders VALUES (1, 'a'), (2, 'b')"))
        made.execute(text("CREATE TABLE secrets (x text); CREATE SEQUENCE s"))
        made.execute(text("INSERT INTO secrets VALUES (:secret)"), {"secret": SECRET})
    yield postgres
    with engine.begin() as made:
        made.execute(text("DROP TABLE orders; DROP TABLE secrets; DROP SEQUENCE s"))
    engine.dispose()


@pytest.mark.parametrize("sql", [*BOTH, *POSTGRES])
def test_postgres(sql: str, shop: str) -> None:
    said = attempt(shop, sql)
    assert SECRET not in said
    assert len(said) < 10_000
    engine = create_engine(shop)
    with engine.connect() as looking:
        assert [tuple(row) for row in looking.execute(text("SELECT * FROM orders ORDER BY id"))] == ROWS
        assert looking.execute(text("SELECT count(*) FROM pg_tables WHERE tablename = 'made'")).scalar() == 0
        assert looking.execute(text("SELECT is_called FROM s")).scalar() is False
    engine.dispose()


def test_without_the_check_a_transaction_that_only_reads_still_holds(
    shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.database.tool.checked", lambda sql, *_: sql)
    for sql in (
        "DELETE FROM orders",
        "SELECT nextval('s')",
        "CREATE TABLE made (a int)",
        "SELECT 1; DROP TABLE orders",
    ):
        assert "the database refuses" in attempt(shop, sql)
