"""An exact vector index in memory: a few lines that pass the same contract as the real ones."""

from __future__ import annotations

import math
import re
import threading
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from assistant.adapters import points, stored_points
from assistant.adapters.fusion import fuse
from assistant.adapters.sparse import Wording
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Vectors
from assistant.types import (
    BALANCED,
    EVERYTHING,
    NO_METADATA,
    Access,
    Chunk,
    DocumentRef,
    Filters,
    Hit,
    IndexCounts,
    Metadata,
    Ranking,
    User,
    point_id,
)
from assistant.types.index_points import IndexPoint
from assistant.types.recall import Recall, Share

Key = tuple[str, str, int]
Payload = Mapping[str, Any]


class FakeIndex:
    """See `interfaces.Index`. `writes` counts the calls of `write`, for tests that want nothing done twice."""

    def __init__(self, dimension: int = 8, pictures: points.Model | None = None) -> None:
        self.embedder_name = "fake"
        self.dimension = dimension
        self.pictures = pictures
        self.writes = 0
        self._looks: dict[Key, tuple[Payload, Vectors]] = {}
        self._rows: dict[Key, tuple[Payload, Vectors, Counter[int]]] = {}
        self._access: dict[Key, Access] = {}
        self._mutex = threading.RLock()
        self._closed = False

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        points.check_chunks(ref, chunks, vectors, self.dimension)
        with self._open():
            self.writes += 1
            for chunk, row in zip(chunks, vectors, strict=True):
                key = (ref.id, ref.version, chunk.ordinal)
                self._rows[key] = (
                    points.payload(ref, chunk, metadata),
                    _unit(row),
                    _terms(_all(points.words(ref, chunk))),
                )
                self._access[key] = ref.access

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        points.check_pictures(ref, chunks, vectors, self.pictures)
        with self._open():
            for chunk, row in zip(chunks, vectors, strict=True):
                key = (ref.id, ref.version, chunk.ordinal)
                self._looks[key] = (points.payload(ref, chunk, metadata), _unit(row))
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

    def outdated(self) -> set[str]:
        with self._open():
            stored = [row[0] for row in (*self._rows.values(), *self._looks.values())]
            return {str(fields["document_id"]) for fields in stored if fields.get("layout") != points.LAYOUT}

    def renew(self, ref: DocumentRef, metadata: Metadata) -> None:
        with self._open():
            for key in [key for key in self._access if key[:2] == (ref.id, ref.version)]:
                if key in self._rows:
                    fields, row, _ = self._rows[key]
                    words = _terms(_all(points.stored_words(ref, metadata, fields)))
                    self._rows[key] = ({**fields, **points.renewed(ref, metadata)}, row, words)
                else:
                    fields, row = self._looks[key]
                    self._looks[key] = ({**fields, **points.renewed(ref, metadata)}, row)

    def search(
        self, vector: Vectors, text: str, user: User, limit: int, filters: Filters = EVERYTHING, how: Ranking = BALANCED
    ) -> list[Hit]:
        points.check_query(vector, self.dimension)
        with self._open():
            seen = {
                point_id(*key): (key, row)
                for key, row in self._rows.items()
                if _fits(row[0], filters) and _allows(self._access[key], user)
            }
            cosines = {identity: float(row[1] @ vector) for identity, (_, row) in seen.items()}
            counts = self._bm25(_terms(text), {key for key, _ in seen.values()})
            words = {identity: counts[key] for identity, (key, _) in seen.items() if counts[key] > 0}
            best = fuse(cosines, words, how, max(0, limit), (_nothing, _nothing))
            stored = [(seen[one.id][1][0], one) for one in best]
            return points.ordered(points.hit(fields, one.score, one.similarity, one.words) for fields, one in stored)

    def search_pictures(self, vector: Vectors, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        points.check_query(vector, points.picture_model(self.pictures)[1])
        with self._open():
            hits = [
                points.hit(payload, float(row @ _unit(vector)))
                for key, (payload, row) in self._looks.items()
                if _fits(payload, filters) and _allows(self._access[key], user)
            ]
            return points.ordered(hits)[: max(0, limit)]

    def answers(self) -> None:
        with self._open():
            pass

    def counts(self) -> IndexCounts:
        with self._open():
            return IndexCounts(len({key[0] for key in self._access}), len(self._rows))

    def versions(self) -> dict[str, set[str]]:
        with self._open():
            found: dict[str, set[str]] = {}
            for document, version, _ in self._access:
                found.setdefault(document, set()).add(version)
            return found

    def read_points(self, document_ids: Sequence[str], after: str | None = None, limit: int = 256) -> list[IndexPoint]:
        with self._open():
            found = {point_id(*key): key for key in self._access if key[0] in set(document_ids)}
            page = sorted(identity for identity in found if after is None or identity > after)[: max(0, limit)]
            return [self._stored(identity, found[identity]) for identity in page]

    def write_points(self, stored: Sequence[IndexPoint]) -> None:
        stored_points.check_points(stored, self.dimension, self.pictures)
        with self._open():
            for point in stored:
                fields = point.payload
                key = (fields["document_id"], fields["version"], fields["ordinal"])
                vectors = {name: np.frombuffer(data, "<f4") for name, data in point.vectors.items()}
                if points.IMAGE in vectors:
                    self._looks[key] = (fields, vectors[points.IMAGE])
                else:
                    terms = Counter({term: int(count) for term, count in zip(*point.terms, strict=True)})
                    self._rows[key] = (fields, vectors[points.DENSE], terms)
                self._access[key] = Access(frozenset(fields["allow"]), frozenset(fields["deny"]))

    def _stored(self, identity: str, key: Key) -> IndexPoint:
        access = {"allow": sorted(self._access[key].allow), "deny": sorted(self._access[key].deny)}
        if key in self._looks:
            fields, row = self._looks[key]
            return IndexPoint(identity, {**fields, **access}, {points.IMAGE: row.astype("<f4").tobytes()})
        fields, row, terms = self._rows[key]
        words = tuple(terms), tuple(float(count) for count in terms.values())
        return IndexPoint(identity, {**fields, **access}, {points.DENSE: row.astype("<f4").tobytes()}, words)

    def recall(self, sample: int = 100) -> Recall:
        with self._open():
            return Recall(10, min(sample, len(self._rows)), (Share(1.0, 1.0),) if self._rows else ())

    def upkeep(self, *, at_once: bool = False) -> bool:
        with self._open():
            return False

    def flush(self) -> None:
        with self._open():
            pass

    def close(self) -> None:
        self._closed = True

    def _open(self) -> threading.RLock:
        if self._closed:
            raise IndexUnavailableError("the index is closed")
        return self._mutex

    def _bm25(self, wanted: Iterable[int], seen: set[Key]) -> Mapping[Key, float]:
        scores: Counter[Key] = Counter()
        for term in set(wanted):
            holding = [key for key, row in self._rows.items() if row[2][term]]
            weight = math.log(1 + (len(self._rows) - len(holding) + 0.5) / (len(holding) + 0.5))
            for key in holding:
                if key in seen:
                    count = self._rows[key][2][term]
                    scores[key] += weight * count * 2.2 / (count + 1.2)  # type: ignore[assignment]
        return scores


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / (float((vector**2).sum() ** 0.5) or 1)
    return unit


def _nothing(ids: Collection[str]) -> Mapping[str, float]:
    """Look up nothing: both searches see all there is."""
    del ids
    return {}


def _all(wording: Wording) -> str:
    return f"{wording.title}\n{wording.address}\n{wording.headings}\n{wording.text}"


def _terms(text: str) -> Counter[int]:
    return Counter(zlib.crc32(word.encode()) for word in re.findall(r"\w+", text.lower()))


def _fits(fields: Payload, filters: Filters) -> bool:
    scope = points.Scope.of(User("", role="operator"), filters)
    if scope is None or any(fields[name] not in values for name, values in scope.must):
        return False
    if fields.get("layout") != points.LAYOUT:
        return True
    for name, values in scope.said:
        held = fields[name] if isinstance(fields[name], list) else [fields[name]]
        if set(held).isdisjoint(values):
            return False
    since, until = scope.period
    when = fields.get("modified")
    return (since is None or (when is not None and when >= since)) and (
        until is None or (when is not None and when < until)
    )


def _allows(access: Access, user: User) -> bool:
    if user.reads_everything:
        return True
    return bool(access.allow & user.principals) and not access.deny & user.principals
