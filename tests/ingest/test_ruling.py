"""Readers that are taken away while a sync is under way stay away, whatever rule the sync began with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.ingest.editing import edit_source
from assistant.types import LOCAL_OPERATOR, RawDocument
from tests.fakes.system import MemorySource, System

HR, BOTH = {"default": ["hr"]}, {"default": ["hr", "it"]}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path, readers=HR)
    system.source.texts = {"a.txt": "Train tickets are booked in Concur.\n"}
    yield system
    system.close()


def narrow(system: System) -> None:
    """Do what an admin does who takes the group it away again."""
    edit_source(system.catalog, system.registry, "s", {"readers": HR})


def readers(system: System) -> set[str]:
    return {name for name in system.library.info("s", "a.txt", LOCAL_OPERATOR).ref.access.allow if "it" in name}


def during_fetch(system: System, monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    real = MemorySource.fetch

    def fetch(self: MemorySource, key: str) -> RawDocument:
        act()
        return real(self, key)

    monkeypatch.setattr(MemorySource, "fetch", fetch)


def during_listing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    real = MemorySource.changes

    def changes(self: MemorySource, cursor: str | None) -> Iterator[object]:
        act()
        yield from real(self, cursor)

    monkeypatch.setattr(MemorySource, "changes", changes)


def test_a_listing_that_began_by_a_former_rule_gives_nothing_back(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_readers("s", BOTH)
    during_listing(monkeypatch, lambda: narrow(system))
    system.ingestor.sync("s", "cli")
    assert readers(system) == set()
    monkeypatch.undo()
    system.catalog.sources.set_readers("s", BOTH)
    system.ingestor.sync("s", "cli")
    assert readers(system) == {"group:it"}  # and the rule of now comes into force


def test_a_new_document_that_was_prepared_by_a_former_rule_gets_the_readers_of_now(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.catalog.sources.set_readers("s", BOTH)
    during_fetch(system, monkeypatch, lambda: narrow(system))
    system.ingestor.sync("s", "cli")
    assert readers(system) == set()


def test_an_edited_document_that_was_prepared_by_a_former_rule_gets_the_readers_of_now(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_readers("s", BOTH)
    system.source.texts["a.txt"] = "Train tickets are booked 21 days ahead.\n"
    during_fetch(system, monkeypatch, lambda: narrow(system))
    system.ingestor.sync("s", "cli")
    assert readers(system) == set()
    assert "21 days" in system.library.read("s", "a.txt", LOCAL_OPERATOR).text


def test_a_rule_that_changes_in_the_last_moment_lets_nothing_through(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last look at the rule and the transaction."""
    system.catalog.sources.set_readers("s", BOTH)
    real = system.catalog.documents.make_current

    def late(*given: object) -> object:
        narrow(system)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(system.catalog.documents, "make_current", late)
    system.ingestor.sync("s", "cli")
    assert readers(system) == set()
    monkeypatch.undo()
    system.ingestor.sync("s", "cli")
    assert system.library.info("s", "a.txt", LOCAL_OPERATOR).ref.access.allow == {"group:hr"}
