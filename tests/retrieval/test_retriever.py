"""Retrieval: the index proposes, the catalog decides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.types import LOCAL_OPERATOR, document_id, in_sources
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"common words and number{n}" for n in range(30)}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def test_finds_the_document_with_the_words(system: System) -> None:
    (first, *_) = system.retriever.search("number7", LOCAL_OPERATOR, 5)
    assert (first.ref.key, first.text) == ("07", "common words and number7")
    document = system.library.read("s", "07", LOCAL_OPERATOR)
    assert document.text[first.start : first.end] == first.text


@pytest.mark.parametrize(("query", "limit"), [("", 5), ("   ", 5), ("number7", 0)])
def test_nothing_asked_nothing_found(system: System, query: str, limit: int) -> None:
    assert system.retriever.search(query, LOCAL_OPERATOR, limit) == []


def test_hits_of_old_versions_do_not_count_and_are_made_up_for(system: System) -> None:
    gone = [document_id("s", f"{n:02}") for n in range(25)]
    system.catalog.documents.forget(gone)  # the index lags behind: it still has all thirty
    found = system.retriever.search("common words", LOCAL_OPERATOR, 5)
    assert sorted(passage.ref.key for passage in found) == ["25", "26", "27", "28", "29"]


def test_sources_narrow_the_search(system: System) -> None:
    assert system.retriever.search("common", LOCAL_OPERATOR, 5, in_sources(["other"])) == []
    assert len(system.retriever.search("common", LOCAL_OPERATOR, 5, in_sources(["s"]))) == 5
