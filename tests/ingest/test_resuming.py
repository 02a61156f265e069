"""A listing that breaks off goes on at its last checkpoint, and takes for deleted what neither part of it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import PluginError, SourceUnreachableError, StorageError
from assistant.ingest.resuming import broken_off
from assistant.types import LOCAL_OPERATOR, Change, Changed, Checkpoint
from tests.fakes.system import MemorySource, System


class Pages(MemorySource):
    """Lists ten keys a page; the server goes away behind `ends` of them."""

    ends: int | None = None
    error: Exception = SourceUnreachableError("away")

    def changes(self, cursor: str | None) -> Iterator[Change]:
        self.cursors.append(cursor)
        first = int(cursor[5:]) if cursor and cursor.startswith("from:") else 0
        for number, key in enumerate(sorted(self.texts)):
            if number < first:
                continue
            if self.ends is not None and number >= self.ends:
                raise self.error
            yield Changed(key, str(hash(self.texts[key])))
            if (number + 1) % 10 == 0:
                yield Checkpoint(f"from:{number + 1}")
        yield Checkpoint("end", complete=True)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture
def pages(system: System) -> Pages:
    source = Pages(texts={f"{number:03}": f"text {number}" for number in range(100)})
    source.cursors = []
    system.source = source
    return source


def keys(system: System) -> set[str]:
    return set(system.catalog.documents.known("s"))


def test_it_goes_on_where_it_broke_off_and_nothing_is_deleted(system: System, pages: Pages) -> None:
    pages.ends = 95
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert system.catalog.sources.get("s").cursor == "from:90"
    pages.ends = None
    report = system.ingestor.sync("s", "cli")
    assert pages.cursors == [None, "from:90"]
    assert not list(system.blobs.keys("listings"))
    assert (report.seen, report.deleted, report.failed) == (10, 0, 0)
    assert keys(system) == set(pages.texts)
    assert system.library.info("s", "000", LOCAL_OPERATOR).chunks == 1
    report = system.ingestor.sync("s", "cli")
    assert (report.seen, report.unchanged, report.deleted) == (100, 100, 0)


def test_what_went_before_it_broke_off_is_deleted_at_the_end(system: System, pages: Pages) -> None:
    system.ingestor.sync("s", "cli")
    del pages.texts["005"]
    del pages.texts["099"]
    pages.texts["007"] = "changed"
    pages.ends = 55
    for _ in range(2):  # the second time it does not get as far as the next checkpoint
        with pytest.raises(SourceUnreachableError):
            system.ingestor.sync("s", "cli")
    assert len(keys(system)) == 100  # half a listing deletes nothing
    pages.ends = None
    assert system.ingestor.sync("s", "cli").deleted == 2
    assert pages.cursors[-1] == "from:50"
    assert keys(system) == set(pages.texts)
    assert system.library.read("s", "007", LOCAL_OPERATOR).text == "changed"


def test_it_breaks_off_again_and_again(system: System, pages: Pages) -> None:
    for ends in (15, 38, 72):
        pages.ends = ends
        with pytest.raises(SourceUnreachableError):
            system.ingestor.sync("s", "cli")
    pages.ends = None
    system.ingestor.sync("s", "cli")
    assert pages.cursors == [None, "from:10", "from:30", "from:70"]
    assert keys(system) == set(pages.texts)


def test_a_plugin_that_fails_keeps_its_place_too_and_before_a_checkpoint_nothing_is_kept(
    system: System, pages: Pages
) -> None:
    pages.error, pages.ends = KeyError("oops"), 5
    with pytest.raises(PluginError):
        system.ingestor.sync("s", "cli")
    assert system.catalog.sources.get("s").cursor is None
    pages.ends = 25
    with pytest.raises(PluginError):
        system.ingestor.sync("s", "cli")
    assert system.catalog.sources.get("s").cursor == "from:20"


def test_a_checkpoint_before_all_changes_is_no_progress(
    system: System, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: str | None) -> Iterator[Change]:
        yield Checkpoint("")  # some say so that they can be listed
        yield Changed("000", "1")
        raise SourceUnreachableError("away")

    monkeypatch.setattr(pages, "changes", away)
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert system.catalog.sources.get("s").cursor is None
    assert keys(system) == set()


def test_a_full_listing_and_another_configuration_begin_anew(system: System, pages: Pages) -> None:
    pages.ends = 95
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    system.catalog.sources.set_config("s", {})
    pages.ends, pages.texts = None, {"000": "text 0", "099": "text 99"}
    system.ingestor.sync("s", "cli")
    assert pages.cursors[-1] is None
    assert keys(system) == {"000", "099"}


@pytest.mark.parametrize("at", ["runs", "sources"])
def test_nothing_is_deleted_where_the_catalog_fails_after_a_listing_that_went_on(
    system: System, pages: Pages, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def fails(*_: object) -> None:
        raise StorageError("the disk is away", "look at it")

    pages.ends = 95
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    pages.ends = None
    with monkeypatch.context() as broken:
        broken.setattr(getattr(system.catalog, at), {"runs": "listed", "sources": "synced"}[at], fails)
        with pytest.raises(StorageError):
            system.ingestor.sync("s", "cli")
    assert system.catalog.sources.get("s").cursor == "from:90"
    assert system.ingestor.sync("s", "cli").deleted == 0
    assert pages.cursors == [None, "from:90", "from:90"]
    assert keys(system) == set(pages.texts)


def test_what_is_remembered_goes_with_the_source(system: System, pages: Pages) -> None:
    pages.ends = 95
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert list(system.blobs.keys("listings"))
    system.ingestor.remove("s")
    assert not list(system.blobs.keys("listings"))


def test_the_sources_whose_listing_broke_off_are_known(system: System, pages: Pages) -> None:
    def partial() -> frozenset[str]:
        return broken_off(system.blobs, system.catalog.sources.all())

    pages.ends = 5  # before the first checkpoint: nothing goes on from there
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert not partial()
    pages.ends = 95
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert partial() == {"s"}
    pages.ends = None
    system.ingestor.sync("s", "cli")
    assert not partial()
