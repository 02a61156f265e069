"""A small index and catalog in memory, which the tests of searches fill."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from assistant.retrieval import Retriever
from assistant.types import Access, Chunk, DocumentInfo, DocumentRef, Metadata, User
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.index import FakeIndex

WORDS = FakeEmbedder()
EVE = User("eve", frozenset({"everyone"}))
HANNA = User("hanna", frozenset({"everyone", "hr"}))


class Shelf:
    """Documents by key in an index, with a catalog that confirms them; `searches` counts those of the index."""

    def __init__(self) -> None:
        self.index = FakeIndex(WORDS.dimension)
        self.infos: dict[str, DocumentInfo] = {}
        self.number = 0
        self._seen = -1
        self.searches: list[str] = []
        self._search = self.index.search
        self.index.search = self._counted  # type: ignore[method-assign]

    def put(self, key: str, *texts: str, group: str = "everyone", date: str = "", version: str = "1") -> DocumentRef:
        """Store a document with a chunk for each text."""
        access = Access(frozenset({f"group:{group}"}))
        ref = DocumentRef("s", key, version, key, "", "text/plain", access)
        said = Metadata(modified=date)
        chunks = [Chunk(ref.id, at, 100 * at, 100 * at + len(text), text) for at, text in enumerate(texts)]
        self.index.write(ref, chunks, WORDS.embed_passages(texts), said)
        self.infos[ref.id] = DocumentInfo(ref, 0, len(texts), sum(map(len, texts)), 1, said)
        self.number += 1
        return ref

    def retriever(self, **options: Any) -> Retriever:
        """Return a retriever over the shelf."""
        return Retriever(self.index, WORDS, self, **options)

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """See `retrieval.confirming.Catalog`."""
        self._seen = self.number
        found = [self.infos[key] for key in document_ids if key in self.infos]
        return {i.ref.id: i for i in found if user.reads_everything or i.ref.access.allow & user.principals}

    def generation_seen(self) -> int:
        """See `retrieval.confirming.Catalog`."""
        self._seen = self.number if self._seen < 0 else self._seen
        return self._seen

    def _counted(self, vector: Any, text: str, *others: Any) -> Any:
        self.searches.append(text)
        return self._search(vector, text, *others)
