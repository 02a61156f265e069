"""An older version goes on working on a newer schema, which is how an upgrade needs no pause.

It holds by a rule: a migration only adds, and locks no table that is read for longer than a moment. Exceptions stand
here with their reasons.
"""

from __future__ import annotations

import copy
import itertools
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, text

from assistant.catalog import Catalog, Keyring, schema
from assistant.catalog.database import HEAD, Database, _make_engine, upgrade
from assistant.catalog.schema import FIRST, Standing, move, revisions, standing
from assistant.errors import CatalogTooNewError, ConfigurationError
from tests.catalog.filling import fill, shape
from tests.fakes.databases import new_database

pytestmark = pytest.mark.timeout(1800)
ALL = revisions()
# migrations that hold a table's lock for longer than the change of its description takes, and why that may be
SLOW = {
    ("0002", "CREATE INDEX ix_documents_parent"): "no version before it was released",
    ("0002", "CREATE INDEX ix_jobs_parent"): "no version before it was released",
    ("0003", "CREATE INDEX jobs_due"): "no version before it was released",
    ("0004", "UPDATE jobs"): "jobs holds what is not finished, and no version before it was released",
    ("0004", "CREATE INDEX jobs_by_stage"): "the same",
    ("0016", "ALTER TABLE people ADD CONSTRAINT"): "a row a person: no company has so many that it takes a second",
    ("0022", "CREATE INDEX ix_feedback_turn"): "a row a verdict that somebody gave by hand",
}


def broken_by(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return what a version that knows the schema `before` could not go on with under `after`."""
    found = [f"{table} is gone" for table in before.keys() - after.keys()]
    for table, was in before.items():
        if table not in after:
            continue
        columns, now = was["columns"], after[table]
        for name, (kind, nullable, _) in columns.items():
            if name not in now["columns"]:
                found.append(f"{table}.{name} is gone")
            elif now["columns"][name][:2] != (kind, nullable):
                found.append(f"{table}.{name} is another type")
        found += [
            f"{table}.{name} has to be given"
            for name, (_, nullable, default) in now["columns"].items()
            if name not in columns and not nullable and default is None
        ]
        if now["key"] != was["key"]:
            found.append(f"{table} has another key")
        found += [
            f"{table} has a new rule {one}"
            for one in [*now["unique"], *(key[0] for key in now["foreign"])]
            if one not in was["unique"] and one not in [key[0] for key in was["foreign"]] and _is_of(one, columns)
        ]
    return found


def _is_of(columns: str, known: dict[str, Any]) -> bool:
    """Whether a rule is on columns that the older version writes, each of which it might break."""
    return all(name in known for name in re.findall(r"'([^']+)'", columns))


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The schema at each revision."""
    engine = _make_engine(f"sqlite:///{tmp_path_factory.mktemp('shapes') / 'c.sqlite3'}")
    found = {}
    for revision in ALL:
        move(engine, revision)
        found[revision] = shape(engine)
    engine.dispose()
    return found


def test_every_migration_only_adds(shapes: dict[str, dict[str, Any]]) -> None:
    """One that does not has to say so by `compatible_with`, which older versions then read."""
    oldest = dict(schema._scripts())
    for before, after in itertools.pairwise(ALL):
        if oldest[after] != after:
            assert broken_by(shapes[before], shapes[after]) == [], f"{after} is more than an addition"
    assert set(oldest.values()) <= set(ALL)


def test_the_rule_sees_what_is_no_addition(shapes: dict[str, dict[str, Any]]) -> None:
    now = shapes[HEAD]

    def changed(change: Any) -> list[str]:
        other = copy.deepcopy(now)
        change(other)
        return broken_by(now, other)

    assert changed(lambda new: new.pop("grants")) == ["grants is gone"]
    assert changed(lambda new: new["documents"]["columns"].pop("title")) == ["documents.title is gone"]
    assert changed(lambda new: new["documents"]["columns"].update(title=("INTEGER", False, None))) != []
    assert changed(lambda new: new["sources"]["columns"].update(cursor=("TEXT", False, None))) != []
    given = ["documents.extra has to be given"]
    assert changed(lambda new: new["documents"]["columns"].update(extra=("TEXT", False, None))) == given
    assert changed(lambda new: new["documents"]["columns"].update(extra=("TEXT", False, "''"))) == []
    assert changed(lambda new: new["documents"]["columns"].update(extra=("TEXT", True, None))) == []
    assert changed(lambda new: new["documents"]["unique"].append("['title']")) != []
    assert changed(lambda new: new["documents"]["unique"].append("['extra']")) == []
    assert changed(lambda new: new["documents"].update(key=["source", "key"])) == ["documents has another key"]


def test_no_migration_locks_a_table_for_long(postgres: str) -> None:
    """On Postgres, by the statements that it really sends: adding a column with a constant default takes no time."""
    engine = create_engine(new_database(postgres))
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: sent.append(" ".join(call[2].split())))
    slow: set[tuple[str, str]] = set()
    for before, revision in zip((None, *ALL), ALL, strict=False):
        tables = set(shape(engine)) if before else set()
        sent.clear()
        move(engine, revision)
        assert before is None or sent, revision
        slow |= {(revision, _short(one)) for one in sent if _table(one) in tables and not _is_quick(one)}
    engine.dispose()
    assert slow == SLOW.keys()


def _table(statement: str) -> str:
    """Return the table whose lock a statement takes; empty for one that takes none that keeps others out."""
    found = re.match(
        r'(?:ALTER TABLE|UPDATE|DELETE FROM|DROP TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON|CREATE TRIGGER .* ON) "?(\w+)"?',
        statement,
    )
    return found[1] if found else ""


def _is_quick(statement: str) -> bool:
    added = re.match(r"ALTER TABLE \w+ ADD COLUMN \S+ [A-Z()0-9 ]+(?: DEFAULT (?:\S+))?(?: NOT NULL)?$", statement)
    return added is not None and "(" not in statement.partition("DEFAULT")[2]


def _short(statement: str) -> str:
    words = statement.split()
    return " ".join(words[: {"UPDATE": 2, "CREATE": 3}.get(words[0], 5)])


def test_who_reads_for_long_holds_up_the_migration_and_nobody_else(postgres: str) -> None:
    """A change of a table waits for its readers, and whoever comes later would wait behind it."""
    url = new_database(postgres)
    engine = create_engine(url)
    move(engine, "0015")
    fill(engine)
    done = threading.Event()

    def migrate() -> None:
        upgrade(engine)
        done.set()

    with engine.connect() as slow:
        slow.execute(text("SELECT count(*) FROM people"))
        thread = threading.Thread(target=migrate)
        thread.start()
        for _ in range(8):
            with engine.connect() as other:
                other.execute(text("SET statement_timeout = '60s'"))
                assert other.execute(text("SELECT count(*) FROM people")).scalar() == 3
        assert not done.is_set()
        slow.rollback()
    thread.join()
    assert standing(engine) == Standing(HEAD, FIRST)
    engine.dispose()


@pytest.fixture
def newer(catalog_url: str) -> Iterator[Engine]:
    """A catalog that a version after this one has migrated."""
    Database(catalog_url).close()
    engine = create_engine(catalog_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE documents ADD COLUMN shelf TEXT NOT NULL DEFAULT ''"))
        connection.execute(text("CREATE TABLE shelves (name VARCHAR(20) PRIMARY KEY)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    yield engine
    engine.dispose()


def test_a_newer_catalog_that_is_compatible_is_used(
    newer: Engine, catalog_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    assert f"has the newer schema 9999; this version ({HEAD}) can use it" in caplog.text
    catalog.sources.add("s", "folder", {"path": "/x"}, {})
    assert [one.name for one in catalog.sources.all()] == ["s"]
    assert standing(newer) == Standing("9999", FIRST)
    with pytest.raises(CatalogTooNewError, match=f"the catalog's schema is 9999, this version's is {HEAD}"):
        catalog.database.must_be_known("this")
    catalog.close()


@pytest.mark.parametrize("oldest", ["9998", None])
def test_a_newer_catalog_that_is_not_is_refused(newer: Engine, catalog_url: str, oldest: str | None) -> None:
    with newer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET compatible_with = :oldest"), {"oldest": oldest})
    with pytest.raises(CatalogTooNewError, match=f"has the schema 9999, and this version knows only up to {HEAD}"):
        Database(catalog_url)
    with pytest.raises(CatalogTooNewError, match="9999, which this version does not know"):
        move(newer, ALL[0])
    assert standing(newer) == Standing("9999", oldest)


def test_a_schema_that_nobody_knows_is_no_place_to_go_to(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with pytest.raises(ConfigurationError, match="no schema '0012'"):
        move(engine, "0012")
    engine.dispose()
