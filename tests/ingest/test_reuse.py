"""Vectors that the index has are taken over: only what is new is embedded, and the end is as if all had been."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters.points import DENSE
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Vectors
from assistant.types import Chunk, Document, RawDocument, document_id
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.system import LineChunker, MemorySource, System

LINES = [f"line {n} says {n * n}" for n in range(300)]


class CountingEmbedder(FakeEmbedder):
    """Notes the texts that it embeds."""

    def __init__(self) -> None:
        super().__init__()
        self.embedded: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += texts
        return super().embed_passages(texts)


class HeadedChunker(LineChunker):
    """Gives chunks all that is embedded beside their text; a line in brackets is a notice."""

    def chunk(self, document: Document) -> list[Chunk]:
        return [
            replace(
                chunk,
                heading_path=("Part",),
                table_header="a | b" if chunk.ordinal % 2 else "",
                captions="a picture" if chunk.ordinal % 3 == 0 else "",
                notices=((chunk.start, chunk.end),) if chunk.text.startswith("[") else (),
            )
            for chunk in super().chunk(document)
        ]


class TitledSource(MemorySource):
    """Titles documents by the last part of their keys, and marks them by their text alone."""

    def fetch(self, key: str) -> RawDocument:
        return replace(super().fetch(key), title=key.rpartition("/")[2])


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source = TitledSource(texts={"a/x": "\n".join(LINES), "y": "another"})
    system.embedder = CountingEmbedder()
    system.ingestor = system.new_ingestor()
    yield system
    system.close()


def embedded(system: System) -> list[str]:
    assert isinstance(system.embedder, CountingEmbedder)
    texts, system.embedder.embedded = system.embedder.embedded, []
    return texts


def in_one_process(system: System) -> None:
    system.ingestor.sync("s", "cli")


def by_stages(system: System) -> None:
    """Parse and embed in different workers."""
    run_id = system.ingestor.begin("s", "api")
    while system.ingestor.stages.parse() + system.new_ingestor().stages.embed() + system.ingestor.stages.delete():
        pass
    assert system.catalog.runs.get(run_id).state == "done"


def vectors(system: System) -> dict[tuple[str, int], bytes]:
    """Return the vectors of the current versions by document and ordinal, and assert that there are no others."""
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {document: {version} for document, version in current.items()}
    found = system.index.read_points(list(current), limit=10_000)
    return {(str(p.payload["document_id"]), int(p.payload["ordinal"])): p.vectors[DENSE] for p in found}


def assert_as_embedded_anew(system: System, folder: Path) -> None:
    folder.mkdir()
    fresh = System(folder)
    fresh.source = system.source
    fresh.ingestor.sync("s", "cli")
    wanted, found = vectors(fresh), vectors(system)
    assert found.keys() == wanted.keys()
    for key, vector in wanted.items():
        np.testing.assert_allclose(np.frombuffer(found[key], "<f4"), np.frombuffer(vector, "<f4"), atol=1e-6)
    fresh.close()


@pytest.mark.parametrize("ingest", [in_one_process, by_stages])
def test_an_edit_of_one_paragraph_embeds_that_paragraph(
    system: System, tmp_path: Path, ingest: Callable[[System], None]
) -> None:
    ingest(system)
    assert len(embedded(system)) == 301
    lines = [*LINES[:100], "an edited line", *LINES[101:200], "an added line", *LINES[200:299]]
    system.source.texts["a/x"] = "\n".join(lines)
    ingest(system)
    assert sorted(embedded(system)) == ["x\nan added line", "x\nan edited line"]
    assert_as_embedded_anew(system, tmp_path / "fresh")


@pytest.mark.parametrize("ingest", [in_one_process, by_stages])
def test_a_document_that_is_moved_keeps_its_vectors(
    system: System, tmp_path: Path, ingest: Callable[[System], None]
) -> None:
    ingest(system)
    embedded(system)
    system.source.texts["b/x"] = system.source.texts.pop("a/x")
    ingest(system)
    assert embedded(system) == []
    assert_as_embedded_anew(system, tmp_path / "fresh")


def test_another_title_is_embedded(system: System, tmp_path: Path) -> None:
    in_one_process(system)
    embedded(system)
    system.source.texts["a/other name"] = system.source.texts.pop("a/x")
    in_one_process(system)
    assert len(embedded(system)) == 300
    assert_as_embedded_anew(system, tmp_path / "fresh")


def test_all_that_is_embedded_counts(system: System) -> None:
    system.source.texts = {"x": "\n".join(f"[notice {n}]" if n % 5 == 0 else f"line {n}" for n in range(40))}
    system.ingestor = system.new_ingestor(chunker=HeadedChunker())
    in_one_process(system)
    first = embedded(system)
    assert len(first) == 40
    system.source.texts["x"] += "\nline 40"
    in_one_process(system)
    assert embedded(system) == ["x > Part\nline 40"]
    system.source.texts["x"] = "a first line\n" + system.source.texts["x"]  # every other header and caption moves on
    in_one_process(system)
    again = embedded(system)
    assert 0 < len(again) <= 42
    assert not set(again) & set(first)


def test_another_chunker_embeds_all(system: System) -> None:
    in_one_process(system)
    embedded(system)
    system.ingestor = system.new_ingestor(chunker=LineChunker("lines/2"))
    in_one_process(system)
    assert len(embedded(system)) == 301


def test_what_the_index_lost_is_embedded_again(system: System, tmp_path: Path) -> None:
    in_one_process(system)
    embedded(system)
    system.index.delete(document_id("s", "a/x"))
    system.source.texts["a/x"] += "\nan added line"
    in_one_process(system)
    assert len(embedded(system)) == 301
    assert_as_embedded_anew(system, tmp_path / "fresh")


def test_what_is_new_costs_no_look_into_the_index(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("read")

    monkeypatch.setattr(system.index, "read_points", refuse)
    in_one_process(system)
    assert len(embedded(system)) == 301


def test_an_index_that_does_not_answer_loses_nothing(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_one_process(system)
    system.source.texts["a/x"] += "\nan added line"
    with monkeypatch.context() as patch:
        patch.setattr(system.index, "read_points", unavailable)
        with pytest.raises(IndexUnavailableError):
            in_one_process(system)
    system.ingestor = system.new_ingestor()
    system.ingestor.runs.release_dead()
    for run in system.catalog.runs.open():
        system.ingestor.complete(run.id)
    assert_as_embedded_anew(system, tmp_path / "fresh")


def unavailable(*args: object, **kwargs: object) -> None:
    raise IndexUnavailableError("the index does not answer")
