"""An exact vector index in memory: a few lines that pass the same contract as the real ones."""

from __future__ import annotations

import math
import re
import threading
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.adapters import points
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Vectors
from assistant.types import Access, Chunk, DocumentRef, Hit, IndexCounts, User

Key = tuple[str, str, int]


class FakeIndex:
    """See `interfaces.Index`. `writes` counts the calls of `write`, for tests that want nothing done twice."""

    def __init__(self, dimension: int = 8, pictures: points.Model | None = None) -> None:
        self.embedder_name = "fake"
        self.dimension = dimension
        self.pictures = pictures
        self.writes = 0
        self._looks: dict[Key, tuple[DocumentRef, Chunk, Vectors]] = {}
        self._rows: dict[Key, tuple[DocumentRef, Chunk, Vectors, Counter[str]]] = {}
        self._access: dict[Key, Access] = {}
        self._mutex = threading.RLock()
        self._closed = False

    def write(self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        points.check_chunks(ref, chunks, vectors, self.dimension)
        with self._open():
            self.writes += 1
            for chunk, row in zip(chunks, vectors, strict=True):
                key = (ref.id, ref.version, chunk.ordinal)
                self._rows[key] = (ref, chunk, _unit(row), _terms(points.words(ref, chunk)))
                self._access[key] = ref.access

    def write_pictures(self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        points.check_pictures(ref, chunks, vectors, self.pictures)
        with self._open():
            for chunk, row in zip(chunks, vectors, strict=True):
                key = (ref.id, ref.version, chunk.ordinal)
                self._looks[key] = (ref, chunk, _unit(row))
                self._access[key] = ref.access

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        with self._open():
            for key in [k for k in self._access if k[0] == document_id and k[1] != keep_version]:
                self._rows.pop(key, None)
                self._looks.pop(key, None)
                del self._access[key]

    def set_access(self, document_id: str, access: Access) -> None:
        with self._open():
            for key in [k for k in self._access if k[0] == document_id]:
                self._access[key] = access

    def search(
        self, vector: Vectors, text: str, user: User, limit: int, sources: Sequence[str] | None = None
    ) -> list[Hit]:
        points.check_query(vector, self.dimension)
        with self._open():
            seen = {
                key: row
                for key, row in self._rows.items()
                if (sources is None or row[0].source in sources) and _allows(self._access[key], user)
            }
            dense = {key: float(row[2] @ vector) for key, row in seen.items()}
            words = self._bm25(_terms(text), seen)
            ranks: Counter[Key] = Counter()
            for scores in (dense, words):
                best = sorted(scores, key=lambda k: (-scores[k], k))[: points.pool(limit)]
                for rank, key in enumerate(best):
                    ranks[key] += 1 / (points.RRF_K + rank)  # type: ignore[assignment]
            hits = points.ordered(Hit(key[0], key[1], seen[key][1], score) for key, score in ranks.items())
            return hits[: max(0, limit)]

    def search_pictures(
        self, vector: Vectors, user: User, limit: int, sources: Sequence[str] | None = None
    ) -> list[Hit]:
        points.check_query(vector, points.picture_model(self.pictures)[1])
        with self._open():
            hits = [
                Hit(key[0], key[1], chunk, float(row @ _unit(vector)))
                for key, (ref, chunk, row) in self._looks.items()
                if (sources is None or ref.source in sources) and _allows(self._access[key], user)
            ]
            return points.ordered(hits)[: max(0, limit)]

    def counts(self) -> IndexCounts:
        with self._open():
            return IndexCounts(len({key[0] for key in self._access}), len(self._rows))

    def versions(self) -> dict[str, set[str]]:
        with self._open():
            found: dict[str, set[str]] = {}
            for document, version, _ in self._access:
                found.setdefault(document, set()).add(version)
            return found

    def flush(self) -> None:
        with self._open():
            pass

    def close(self) -> None:
        self._closed = True

    def _open(self) -> threading.RLock:
        if self._closed:
            raise IndexUnavailableError("the index is closed")
        return self._mutex

    def _bm25(self, wanted: Iterable[str], seen: dict[Key, tuple[DocumentRef, Chunk, Vectors, Counter[str]]]):
        scores: Counter[Key] = Counter()
        for term in set(wanted):
            holding = [key for key, row in self._rows.items() if row[3][term]]
            weight = math.log(1 + (len(self._rows) - len(holding) + 0.5) / (len(holding) + 0.5))
            for key in holding:
                if key in seen:
                    count = seen[key][3][term]
                    scores[key] += weight * count * 2.2 / (count + 1.2)  # type: ignore[assignment]
        return scores


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / (float((vector**2).sum() ** 0.5) or 1)
    return unit


def _terms(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def _allows(access: Access, user: User) -> bool:
    if user.reads_everything:
        return True
    return bool(access.allow & user.principals) and not access.deny & user.principals
