"""Keeps the vectors of questions and the results of searches for a while, in bounded memory.

Results are kept by who asked (the operator, or exactly these principals) and by the catalog's generation, which every
change of documents or their readers ends. Even so they are never shown without asking the catalog again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from assistant.interfaces import Vectors
from assistant.retrieval.candidates import Candidate
from assistant.types import Filters, SearchTrace, User

V = TypeVar("V")

QUESTIONS = 4096  # vectors of 384 numbers: 6 MB
_LONGEST = 2000  # characters; a longer question is hardly asked twice


class Kept(Generic[V]):
    """The values that were used last, at most `most` of them. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> V | None:
        """Return the value, None where it is not kept."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: V) -> None:
        """Keep the value; those that were not used for the longest time go."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        """Forget the value, if it is kept."""
        with self._lock:
            self._values.pop(key, None)

    def __len__(self) -> int:
        return len(self._values)


@dataclass(frozen=True, slots=True)
class ResultKey:
    """All that a search's result hangs on."""

    query: str
    filters: Filters
    limit: int
    reader: frozenset[str] | None  # None: the operator, who reads everything
    index: str
    generation: int
    shown: Hashable  # how much of the passages

    @staticmethod
    def reader_of(user: User) -> frozenset[str] | None:
        """Return whose results may be used for this user: of somebody who reads exactly the same."""
        return None if user.reads_everything else user.principals | user.opened


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found, and when it is too old: an index may lag behind the catalog for a moment."""

    candidates: tuple[Candidate, ...]
    trace: SearchTrace
    until: float  # by time.monotonic()


class Caches:
    """What searches keep.

    Args:
        results: how many searches' results; 0 keeps none, and no question's vector either.
        seconds: how long a result is used. It bounds how late a search shows what an index took up after the catalog.
    """

    def __init__(self, results: int = 1000, seconds: float = 60.0) -> None:
        self._seconds = seconds
        self._results: Kept[Result] = Kept(results)
        self._vectors: Kept[Vectors] = Kept(QUESTIONS if results else 0)

    def vector(self, embedder: str, text: str) -> Vectors | None:
        """Return the question's vector by the embedder of this name, None where it is not kept."""
        return self._vectors.get((embedder, text))

    def keep_vector(self, embedder: str, text: str, vector: Vectors) -> None:
        """Keep a question's vector."""
        if len(text) <= _LONGEST:
            self._vectors.put((embedder, text), vector)

    def result(self, key: ResultKey) -> Result | None:
        """Return what a search like this found, None where it is not kept or too old. It is to be confirmed."""
        found = self._results.get(key)
        if found is not None and time.monotonic() > found.until:
            self._results.drop(key)
            return None
        return found

    def keep_result(self, key: ResultKey, candidates: tuple[Candidate, ...], trace: SearchTrace) -> None:
        """Keep what a search found."""
        if len(key.query) <= _LONGEST:
            self._results.put(key, Result(candidates, trace, time.monotonic() + self._seconds))

    def drop_result(self, key: ResultKey) -> None:
        """Forget what a search found."""
        self._results.drop(key)
