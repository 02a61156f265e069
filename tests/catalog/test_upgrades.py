"""A catalog of every schema that there ever was, full of rows, goes forward and back without losing one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.catalog import Catalog, Keyring
from assistant.catalog.database import HEAD, current_revision
from assistant.catalog.schema import Standing, losses, move, revisions, standing
from assistant.types import LOCAL_OPERATOR, User, document_id
from tests.catalog.filling import ROWS, Rows, fill, rows, shape

ALL = revisions()
pytestmark = pytest.mark.timeout(1800)  # every step reads every row: minutes on a busy machine
EVERYBODY = User("ann", frozenset({"everyone"}))


@pytest.fixture
def engine(catalog_url: str) -> Iterator[Engine]:
    """An empty database, opened as the product opens it, but with no schema."""
    from assistant.catalog.database import _make_engine

    engine = _make_engine(catalog_url)
    yield engine
    engine.dispose()


def kept(before: Rows, after: Rows) -> None:
    """Every row of before is there, and has what it had, as far as its table and columns are there."""
    for table, had in before.items():
        for key, row in had.items():
            assert key in after[table], f"{table} lost {key}"
            now = after[table][key]
            assert {name: now[name] for name in row} == row, table


def test_nothing_is_lost_on_the_way_to_this_version(engine: Engine, catalog_url: str, tmp_path: Path) -> None:
    """Rows are put into every table under the first schema and under each later one, and all arrive."""
    before: Rows = {}
    for batch, revision in enumerate(ALL):
        move(engine, revision)
        fill(engine, batch)
        after = rows(engine)
        kept(before, after)
        before = after
        assert {table for table, had in before.items() if not had} == set()
    catalog = Catalog(catalog_url, Keyring(tmp_path / "key"))
    everything = range(1, len(ALL) * ROWS + 1)
    assert standing(engine) == Standing(HEAD, "0001")
    assert {one.name for one in catalog.sources.all()} == {f"handbook {n}" for n in everything}
    ids = [document_id(f"handbook {n}", f"manual {n}.md") for n in everything]
    assert catalog.documents.count(LOCAL_OPERATOR)[0] == len(ids)
    assert set(catalog.documents.readable(ids, EVERYBODY)) == set(ids)
    for (talk,) in before["conversations"]:
        assert catalog.conversations.get(LOCAL_OPERATOR, talk).title
    assert len(catalog.people.all()) == len(before["people"]) > ROWS
    catalog.close()


def test_a_catalog_of_the_first_schema_comes_to_this_version_at_once(
    engine: Engine, catalog_url: str, tmp_path: Path
) -> None:
    move(engine, ALL[0])
    fill(engine)
    before = rows(engine)
    Catalog(catalog_url, Keyring(tmp_path / "key")).close()  # as a newer version does at its start
    assert current_revision(engine) == HEAD
    kept(before, rows(engine))


def test_back_to_the_first_schema_and_forward_again_keeps_what_each_schema_can_hold(engine: Engine) -> None:
    """One step back, and what the older schema has no place for is gone; everything else is as it was."""
    shapes = {}
    for revision in ALL:
        move(engine, revision)
        shapes[revision] = shape(engine)
    fill(engine)
    before = rows(engine)
    for revision in reversed(ALL[:-1]):
        foreseen = {(loss.table, loss.column) for loss in losses(engine, revision)}
        move(engine, revision)
        assert shape(engine) == shapes[revision], revision
        after = rows(engine)
        lost = {(table, "") for table in before.keys() - after.keys()} | {
            (table, column)
            for table in after
            for column in next(iter(before[table].values())).keys() - next(iter(after[table].values())).keys()
        }
        assert foreseen <= lost
        assert {one for one in lost if not one[1]} <= foreseen
        for table, had in after.items():
            assert had.keys() == before[table].keys(), f"{table} lost rows on the way to {revision}"
            assert all(before[table][key].items() >= row.items() for key, row in had.items())
        before = after
    move(engine, ALL[-1])
    kept(before, rows(engine))
    assert shape(engine) == shapes[ALL[-1]]
