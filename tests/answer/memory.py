"""In-memory stand-ins for the library and the retriever, and a hybrid retriever for benchmarks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from assistant.answer.words import stems
from assistant.errors import NotFoundError
from assistant.interfaces import Embedder
from assistant.types import EVERYTHING, Access, Document, DocumentInfo, DocumentRef, Filters, Passage, User


def make_document(key, text, *, title="", source="demo", version="1", readers=("everyone",), blocks=(), pages=()):
    """Return a document that the groups `readers` may read."""
    access = Access(frozenset(f"group:{name}" for name in readers))
    ref = DocumentRef(source, key, version, title or key, f"memory:{key}", "text/markdown", access)
    return Document(ref, text, tuple(blocks), tuple(pages))


def may_read(user: User, access: Access) -> bool:
    if user.reads_everything:
        return True
    return bool(user.principals & access.allow) and not user.principals & access.deny


class MemoryLibrary:
    """Documents by source and key; lengths by the embedder."""

    def __init__(self, documents: Iterable[Document], embedder: Embedder) -> None:
        self.held = {(d.ref.source, d.ref.key): d for d in documents}
        self._embedder = embedder
        self._infos: dict[str, DocumentInfo] = {}
        self.reads = 0

    def put(self, document: Document) -> None:
        self.held[(document.ref.source, document.ref.key)] = document
        self._infos.pop(document.ref.id, None)

    def documents(self, user: User, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        return [
            self._info(d)
            for d in self.held.values()
            if may_read(user, d.ref.access) and (sources is None or d.ref.source in sources)
        ]

    def tokens(self, user: User, sources: Sequence[str] | None = None) -> int:
        return sum(info.tokens for info in self.documents(user, sources))

    def readable(self, document_ids: Iterable[str], user: User) -> dict[str, DocumentInfo]:
        wanted = set(document_ids)
        return {info.ref.id: info for info in self.documents(user) if info.ref.id in wanted}

    def own_texts(self, refs: Iterable[DocumentRef], user: User):
        for ref in refs:
            info = self.readable([ref.id], user).get(ref.id)
            if info is not None and info.ref.version == ref.version:
                yield info, self.held[(ref.source, ref.key)].own_text

    def info(self, source: str, key: str, user: User) -> DocumentInfo:
        return self._info(self._get(source, key, user))

    def read(self, source: str, key: str, user: User) -> Document:
        self.reads += 1
        return self._get(source, key, user)

    def _get(self, source: str, key: str, user: User) -> Document:
        document = self.held.get((source, key))
        if document is None or not may_read(user, document.ref.access):
            raise NotFoundError(f"there is no document {key!r} that you may read")
        return document

    def _info(self, document: Document) -> DocumentInfo:
        if document.ref.id not in self._infos:
            tokens = self._embedder.count_tokens([document.text])[0]
            self._infos[document.ref.id] = DocumentInfo(
                document.ref, len(document.pages), 1, len(document.text), tokens
            )
        return self._infos[document.ref.id]


def cut(document: Document, size: int = 800) -> list[Passage]:
    """Return the document in passages of whole paragraphs, about `size` characters each."""
    text, found, start = document.text, [], 0
    while start < len(text):
        end = min(len(text), start + size)
        if end < len(text):
            for mark in ("\n\n", "\n", ". ", " "):
                at = text.rfind(mark, start + size // 3, end)
                if at > 0:
                    end = at + len(mark)
                    break
        if text[start:end].strip():
            found.append(Passage(document.ref, start, end, text[start:end], document.page_at(start)))
        start = end
    return found


class HybridRetriever:
    """Dense and BM25 search over passages, fused by the min-max convex sum; `without` hides documents."""

    def __init__(self, documents: Iterable[Document], embedder: Embedder) -> None:
        self._embedder = embedder
        self.passages = [p for d in documents for p in cut(d)]
        self._vectors = embedder.embed_passages([f"{p.ref.title}\n{p.text}" for p in self.passages])
        words = [Counter(stems(f"{p.ref.title} {p.text}")) for p in self.passages]
        mean = sum(w.total() for w in words) / max(1, len(words))
        counts = Counter(word for held in words for word in held)
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for number, held in enumerate(words):
            for word, times in held.items():
                rarity = math.log(1 + (len(words) - counts[word] + 0.5) / (counts[word] + 0.5))
                weight = rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * held.total() / mean))
                self._postings.setdefault(word, []).append((number, weight))
        self.without: frozenset[str] = frozenset()

    def search(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        dense = self._vectors @ self._embedder.embed_query(query)
        sparse = np.zeros_like(dense)
        for word in set(stems(query)):
            for number, weight in self._postings.get(word, ()):
                sparse[number] += weight
        allowed = np.array(
            [
                p.ref.key not in self.without
                and may_read(user, p.ref.access)
                and (filters.sources is None or p.ref.source in filters.sources)
                for p in self.passages
            ]
        )
        fused = np.where(allowed, _spread(dense) + _spread(sparse), -np.inf)
        order = [int(i) for i in np.argsort(-fused, kind="stable")[:limit] if np.isfinite(fused[i])]
        return [_scored(self.passages[i], float(fused[i])) for i in order]

    def read_on(self, query: str, user: User, documents: Sequence[DocumentInfo], tokens: int, filters=EVERYTHING):
        wanted = {info.ref.id for info in documents}
        return [p for p in self.search(query, user, len(self.passages), filters) if p.ref.id in wanted]


class WholeRetriever:
    """Finds nothing, but reads on in documents from their beginning, in passages of so many characters."""

    def __init__(self, library: MemoryLibrary, characters: int = 300) -> None:
        self._library, self._characters = library, characters

    def search(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        return []

    def read_on(self, query: str, user: User, documents: Sequence[DocumentInfo], tokens: int, filters=EVERYTHING):
        found = []
        for info in documents:
            text = self._library.read(info.ref.source, info.ref.key, user).text
            for start in range(0, len(text), self._characters):
                part = text[start : start + self._characters]
                found.append(Passage(info.ref, start, start + len(part), part))
        return found


def _spread(values):
    low, high = float(values.min()), float(values.max())
    return (values - low) / (high - low) if high > low else np.zeros_like(values)


def _scored(passage: Passage, score: float) -> Passage:
    return Passage(
        passage.ref, passage.start, passage.end, passage.text, passage.page, passage.boxes, score, passage.heading_path
    )
