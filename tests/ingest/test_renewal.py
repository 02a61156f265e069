"""An index that earlier code wrote is brought to today's layout from the catalog, without embedding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.adapters.index_edge import open_edge_index
from assistant.ingest.renewal import renew
from assistant.types import LOCAL_OPERATOR, Filters
from tests.adapters.index_folders import fast_folder
from tests.fakes.system import System

_LATER = {"layout", "media_type", "language", "folders", "modified"}


@pytest.fixture
def system(tmp_path: Path) -> System:
    system = System(tmp_path)
    system.source.texts = {f"hr/{n}.txt": f"alpha number{n}" for n in range(4)} | {"it/a.txt": "alpha"}
    system.ingestor.sync("s", "test")
    return system


def age(system: System) -> None:
    """Make the index look as the first layout wrote it."""
    ids = list(system.index.versions())
    stored = system.index.read_points(ids, limit=1000)
    older = [replace(point, payload={k: v for k, v in point.payload.items() if k not in _LATER}) for point in stored]
    for document in ids:
        system.index.delete(document)
    system.index.write_points(older)


def keys(system: System, filters: Filters, limit: int = 10) -> set[str]:
    return {passage.ref.key for passage in system.retriever.search("alpha", LOCAL_OPERATOR, limit, filters)}


def test_nothing_less_is_found_before_it_is_renewed(system: System) -> None:
    hr = Filters(paths=("hr",))
    expected = keys(system, hr)
    assert len(expected) == 4
    age(system)
    assert keys(system, hr) == expected
    assert keys(system, Filters(paths=("it",)), 1) == {"it/a.txt"}


def test_a_sync_renews_it_and_embeds_nothing(system: System) -> None:
    age(system)
    assert len(system.index.outdated()) == 5
    writes = system.index.writes
    system.ingestor.sync("s", "test")
    assert system.index.outdated() == set()
    assert system.index.writes == writes
    assert keys(system, Filters(paths=("hr",))) == {f"hr/{n}.txt" for n in range(4)}


def test_what_the_catalog_does_not_know_is_left_and_what_is_stopped_goes_on(system: System) -> None:
    age(system)
    gone = sorted(system.index.outdated())[0]
    system.catalog.documents.forget([gone])
    asked = iter([False, False, True])
    assert renew(system.index, system.catalog, lambda: next(asked)) == 2
    assert renew(system.index, system.catalog) == 2
    assert system.index.outdated() == {gone}
    assert renew(system.index, system.catalog) == 0


def test_an_index_on_disk_tells_its_layout_when_it_is_opened(system: System) -> None:
    with fast_folder() as folder:
        index = open_edge_index(folder / "index", "test", 64)
        points = system.index.read_points(list(system.index.versions()), limit=1000)
        bare = [replace(p, payload={k: v for k, v in p.payload.items() if k not in _LATER}) for p in points]
        index.write_points(bare)
        index.close()
        index = open_edge_index(folder / "index", "test", 64)
        vector, narrow = system.embedder.embed_query("alpha"), Filters(media_types=("text/html",))
        assert len(index.search(vector, "alpha", LOCAL_OPERATOR, 9, narrow)) == 5  # the catalog tells
        assert renew(index, system.catalog) == 5
        assert index.search(vector, "alpha", LOCAL_OPERATOR, 9, narrow) == []
        index.close()
        index = open_edge_index(folder / "index", "test", 64)
        assert index.outdated() == set()
        assert len(index.search(vector, "alpha", LOCAL_OPERATOR, 9, Filters(media_types=("text/plain",)))) == 5
        index.close()
