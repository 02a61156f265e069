"""Attempts to reach files, settings or the program through SQL over the tables of documents, in the real DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.agent import TablesTool
from assistant.errors import ToolError
from tests.agent.test_tables import ON_SALES, SALES, STAFF, Csv
from tests.fakes.system import System

SECRET = "s3cr3t-91"  # noqa: S105 - what must not be said
ATTEMPTS = (
    *(
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        'SELECT * FROM "{file}"',
        "FROM read_text('{file}')",
    ),
    *(
        "SELECT * FROM read_csv_auto('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM read_json('{file}')",
    ),
    *("SELECT * FROM read_parquet('{file}')", "SELECT * FROM sniff_csv('{file}')", "SELECT * FROM glob('{folder}/*')"),
    *("SELECT * FROM parquet_metadata('{file}')", "SELECT * FROM read_ndjson_objects('{file}')"),
    *("SELECT * FROM query('SELECT * FROM read_text(''{file}'')')", "SELECT * FROM query_table('{file}')"),
    *("SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM read_text(''{file}'')'))",),
    *(
        "COPY sales TO '{folder}/made.csv'",
        "COPY (SELECT 1) TO '{folder}/made.parquet'",
        "EXPORT DATABASE '{folder}/made'",
    ),
    *("IMPORT DATABASE '{folder}'", "ATTACH '{folder}/made.db' AS made", "ATTACH ':memory:' AS made", "DETACH memory"),
    *(
        "INSTALL httpfs",
        "LOAD httpfs",
        "FORCE INSTALL httpfs FROM 'http://127.0.0.1:9'",
        "SET threads = 8",
        "RESET threads",
    ),
    *("SET enable_external_access = true", "PRAGMA enable_external_access = true", "SET memory_limit = '64GB'"),
    *("SELECT * FROM 'http://127.0.0.1:9/x.csv'", "SELECT * FROM 's3://b/x.parquet'", "SELECT * FROM 'sqlite:x.db'"),
    *("CREATE TABLE made (a INT)", "CREATE MACRO made() AS 1", "CREATE SECRET (TYPE s3)", "SELECT getenv('HOME')"),
    *(
        "INSERT INTO sales VALUES (1)",
        "UPDATE sales SET Sold = 1",
        "DELETE FROM sales",
        "DROP TABLE sales",
        "TRUNCATE sales",
    ),
    *("SELECT 1; COPY sales TO '{folder}/made.csv'", "PREPARE a AS SELECT 1", "EXECUTE a", "CALL pragma_version()"),
    *(
        "PIVOT sales ON Region; DROP TABLE sales",
        "EXPLAIN ANALYZE SELECT 1",
        "VACUUM",
        "CHECKPOINT",
        "BEGIN",
        "USE memory",
    ),
    *("WITH a AS (DELETE FROM sales RETURNING *) SELECT * FROM a", "SELECT * FROM secret", "SELECT * FROM held"),
    *("SELECT * FROM sheets", "SELECT * FROM connection", "SELECT * FROM duckdb_secrets()", "SHOW ALL TABLES"),
    *(
        "SELECT repeat('x', 2000000000)",
        "SELECT list(range) FROM range(1000000000)",
        "SELECT lpad('x', 2000000000, 'y')",
    ),
    "SELECT * FROM arrow_scan(1, 2, 3)",
    *("SELECT 'x'.repeat(2000000000)", "SELECT \"rpad\"('x', 2000000000, 'y')", "SELECT printf('%2000000000d', 1)"),
    *(
        "SELECT format('{:2000000000}', 1)",
        "SELECT list_resize([1], 2000000000)",
        "SELECT Repeat /* ( */ ([1], 2000000000)",
    ),
    "SELECT array_resize -- (\n ([1], 2000000000)",
    "SELECT * FROM pandas_scan(1)",
)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    system = System(tmp_path_factory.mktemp("tables"), readers={"default": ["everyone"]})
    system.registry.add_parser(Csv())
    system.source.texts = {"sales.csv": SALES}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


@pytest.mark.parametrize("sql", ATTEMPTS)
def test_nothing_but_the_tables_is_reached(sql: str, system: System, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text(f"a\n{SECRET}\n")
    held = f"a variable of the program, {SECRET}"
    tool = TablesTool(lambda: system.library, seconds=5)
    asked = sql.replace("{file}", str(file)).replace("{folder}", str(tmp_path))
    try:
        said = tool.run({"documents": ON_SALES, "sql": asked}, STAFF).text
    except ToolError as error:
        said = str(error)
    assert SECRET in held
    assert SECRET not in said
    assert len(said) < 100_000
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert "North" in tool.run({"documents": ON_SALES, "sql": "SELECT * FROM sales"}, STAFF).text
