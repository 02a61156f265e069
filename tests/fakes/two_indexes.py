"""A system with a second index beside its own, of another embedder and another chunker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.catalog.indexes import FIRST
from assistant.errors import EmbedderError
from assistant.ingest import IndexBuilder, PictureCopies, Pictures
from assistant.interfaces import Index, Vectors
from assistant.types import LOCAL_OPERATOR, Chunk, Document, User, document_id
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.index import FakeIndex
from tests.fakes.system import LineChunker, System


class PairChunker:
    """One chunk for two lines."""

    version = "pairs/1/fake/other"

    def chunk(self, document: Document) -> list[Chunk]:
        lines = LineChunker().chunk(document)
        chunks: list[Chunk] = []
        for pair in [lines[at : at + 2] for at in range(0, len(lines), 2)]:
            start, end = pair[0].start, pair[-1].end
            chunks.append(Chunk(document.ref.id, len(chunks), start, end, document.text[start:end]))
        return chunks


class OtherEmbedder(FakeEmbedder):
    """Of another dimension; breaks where it is told to, and lets a test act between two groups."""

    def __init__(self) -> None:
        super().__init__("fake/other", 24)
        self.calls = 0
        self.embedded = 0
        self.break_at: int | None = None
        self.between: Callable[[], None] | None = None

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        self.embedded += len(texts)
        if self.calls == self.break_at:
            raise EmbedderError("the model is gone")
        act, self.between = self.between, None
        if act is not None:
            act()
        return super().embed_passages(texts)


@dataclass
class House:
    """A system with a second index beside its own."""

    system: System
    new: Index
    embedder: OtherEmbedder = field(default_factory=OtherEmbedder)

    def builder(self, pictures: PictureCopies | None = None) -> IndexBuilder:
        if self.system.catalog.indexes.current() is None:
            self.system.catalog.indexes.add("b", "other", 2, first=("fake", 1, ""))
        return IndexBuilder(
            name="b",
            catalog=self.system.catalog,
            blobs=self.system.blobs,
            index=self.new,
            embedder=self.embedder,
            chunker=PairChunker(),
            pictures=pictures,
            batch_chunks=3,
        )

    def old_builder(self) -> IndexBuilder:
        """Return the builder that keeps the first index up."""
        system = self.system
        return IndexBuilder(
            name="first",
            catalog=system.catalog,
            blobs=system.blobs,
            index=system.index,
            embedder=system.embedder,
            chunker=LineChunker(),
            batch_chunks=3,
        )

    def sync(self, *, by_new: bool = False, pictures: Pictures | None = None) -> Any:
        """Sync as a process does that uses the first index, or the new one."""
        system = self.system
        first = system.index, system.embedder
        if by_new:
            system.index, system.embedder = self.new, self.embedder  # type: ignore[assignment]
        try:
            chunker, name = (PairChunker(), "b") if by_new else (None, FIRST)
            return system.new_ingestor(chunker, pictures, index_name=name).sync("s", "cli")  # type: ignore[arg-type]
        finally:
            system.index, system.embedder = first

    def found(self, query: str, user: User = LOCAL_OPERATOR) -> set[str]:
        """Return the keys that the new index finds for the user, without the catalog's check."""
        keys = {document_id("s", key): key for key in [*self.system.source.texts, "gone.txt"]}
        hits = self.new.search(self.embedder.embed_query(query), query, user, 50)
        return {keys.get(hit.document_id, hit.document_id) for hit in hits if query in hit.chunk.text}

    def assert_equals_a_clean_ingest(self, folder: Path) -> None:
        """Compare the new index, chunk by chunk, with one that a first ingest with its models makes."""
        folder.mkdir()
        clean = House(System(folder, readers=dict(self.system.catalog.sources.get("s").readers)), FakeIndex(24))
        clean.system.source = self.system.source
        clean.sync(by_new=True)
        assert_same_points(self.new, clean.new, list(self.system.catalog.documents.current_versions()))
        clean.system.close()


def assert_same_points(one: Index, other: Index, documents: list[str]) -> None:
    assert sorted(one.versions()) == sorted(other.versions()) == sorted(documents)
    left, right = (points_of(index, documents) for index in (one, other))
    assert list(left) == list(right)
    for place, (payload, vectors) in left.items():
        assert payload == right[place][0]
        assert vectors.keys() == right[place][1].keys()
        for name, vector in vectors.items():
            np.testing.assert_allclose(vector, right[place][1][name], atol=1e-6)


def points_of(index: Index, documents: list[str]) -> dict[tuple[str, int], tuple[dict[str, Any], dict[str, Vectors]]]:
    found: dict[tuple[str, int], tuple[dict[str, Any], dict[str, Vectors]]] = {}
    for document in sorted(documents):
        points = index.read_points([document], limit=1000)
        for point in sorted(points, key=lambda point: point.payload["ordinal"]):
            payload = {k: v for k, v in point.payload.items() if k not in {"version", "revision"}}
            vectors = {name: np.frombuffer(data, "<f4") for name, data in point.vectors.items()}
            found[document, payload["ordinal"]] = payload, vectors
    assert sum(len(index.read_points([d], limit=1000)) for d in documents) == len(found)
    return found


def text(number: int, lines: int = 5) -> str:
    return "\n".join(f"line{line} of note{number} about topic{number * 7 + line}" for line in range(lines))
