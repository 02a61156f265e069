"""What a document and a question take in a Postgres catalog: `python -m tests.benchmarks.catalog_rows [--documents N]`.

Fills the catalog of a running `assistant up` with generated documents of two groups each, as an ingestion makes them
current, asks questions in conversations over the API, and prints as JSON, for each table that has grown: its rows, and
bytes a row with its indexes; and for a document and a question: the bytes, the rows written, the transactions and the
bytes of the write-ahead log.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, func, select, table, text

from assistant.app import build
from assistant.catalog.documents import NewVersion
from assistant.settings import load_settings
from tests.benchmarks import generated
from tests.benchmarks.footprint import PATIENCE, running
from tests.fakes.databases import running_postgres
from tests.workers.cluster import wait_for

PAGE = "# Rules\n\n" + "\n\n".join(
    f"Rule {number}: whoever travels to office {number} asks the office of travel {number} days before."
    for number in range(1, 61)
)
_TABLES = """SELECT relname, pg_total_relation_size(relid) AS bytes, n_tup_ins + n_tup_upd + n_tup_del AS written
FROM pg_stat_user_tables"""
_WHOLE = """SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS wal
FROM pg_stat_database WHERE datname = current_database()"""


def state(engine: Engine) -> dict[str, dict[str, int]]:
    """Return bytes, rows and rows ever written by table, and commits and bytes of the log as the table ``."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        found = {row.relname: {"bytes": row.bytes, "written": row.written} for row in connection.execute(text(_TABLES))}
        for name, about in found.items():
            about["rows"] = connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        whole = connection.execute(text(_WHOLE)).one()
        return {**found, "": {"commits": whole.xact_commit, "wal": whole.wal}}


def cost(before: dict[str, dict[str, int]], after: dict[str, dict[str, int]], count: int) -> dict[str, Any]:
    """Return what one of `count` things took between two states."""
    tables = [name for name in after if name]
    grown = {name: {key: after[name][key] - before[name][key] for key in after[name]} for name in tables}
    return {
        "bytes": round(sum(one["bytes"] for one in grown.values()) / count),
        "rows_written": round(sum(one["written"] for one in grown.values()) / count, 1),
        "commits": round((after[""]["commits"] - before[""]["commits"]) / count, 1),
        "wal_bytes": round((after[""]["wal"] - before[""]["wal"]) / count),
        "tables": {
            name: {"rows": one["rows"], "bytes_a_row": round(one["bytes"] / one["rows"])}
            for name, one in grown.items()
            if one["rows"] >= count // 2 and one["rows"] > 0
        },
    }


def fill(home: Path, url: str, count: int) -> None:
    """Make so many generated documents current."""
    with build(load_settings(home=home, catalog_url=url)) as app:
        app.catalog.sources.add("bench", "folder", {"path": "/nonexistent"}, {})
        refs = [generated.reference(number) for number in range(count)]
        for first in range(0, count, 100):
            versions = [
                NewVersion(generated.info(ref), "1", "bench", access_from_source=True)
                for ref in refs[first : first + 100]
            ]
            app.catalog.documents.make_current(versions)


def ask(api: str, number: int) -> None:
    """Ask in a new conversation, and wait for the end of the answer."""
    body = {"question": f"When does one ask before a trip to office {number}?"}
    begun = httpx.post(f"{api}/api/conversations", json=body, timeout=PATIENCE).raise_for_status().json()
    address = f"{api}/api/conversations/{begun['conversation']['id']}/turns/{begun['turn']['id']}"
    wait_for(lambda: httpx.get(address, timeout=PATIENCE).json()["state"] != "answering", PATIENCE)


def measured(documents: int, questions: int) -> dict[str, Any]:
    """Return what a document and a question take."""
    with running_postgres() as postgres, tempfile.TemporaryDirectory() as temporary:
        home, folder = Path(temporary) / "home", Path(temporary) / "documents"
        folder.mkdir()
        (folder / "rules.md").write_text(PAGE)
        engine = create_engine(postgres.url)
        with running(Path(sys.executable), home, ASSISTANT_CATALOG_URL=postgres.url) as (_, _, api):
            source = {"name": "rules", "kind": "folder", "config": {"path": str(folder)}}
            httpx.post(f"{api}/api/sources", json=source, timeout=PATIENCE).raise_for_status()
            wait_for(lambda: bool(httpx.get(f"{api}/api/status", timeout=PATIENCE).json()["documents"]), PATIENCE)
            empty = state(engine)
            fill(Path(temporary) / "other", postgres.url, documents)
            filled = state(engine)
            for number in range(1, questions + 1):
                ask(api, number % 60 + 1)
            asked = state(engine)
        engine.dispose()
        return {"document": cost(empty, filled, documents), "question": cost(filled, asked, questions)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--questions", type=int, default=100)
    given = parser.parse_args()
    print(json.dumps(measured(given.documents, given.questions), indent=2))


if __name__ == "__main__":
    main()
