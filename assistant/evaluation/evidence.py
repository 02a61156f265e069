"""Compares the places that should answer a question with those that were read for it, and those cited."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from assistant.citations import align
from assistant.errors import NotFoundError
from assistant.evaluation.cases import AnswerCase
from assistant.evaluation.naming import Names
from assistant.evaluation.tokens import TokenPlaces
from assistant.types import Citation, ContextPlan, Document, DocumentInfo, User

_KEPT = 64  # texts


class Library(Protocol):
    """Reads documents for a user; `assistant.access.Library` does."""

    def documents(self, user: User) -> list[DocumentInfo]:
        """Return the documents that the user may read."""
        ...

    def read(self, source: str, key: str, user: User) -> Document:
        """Return a document's current text. Raises NotFoundError."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """The tokens of one document that a quote is made of."""

    document: str
    tokens: frozenset[int]


@dataclass(frozen=True, slots=True)
class Gold:
    """What a case names, found in the library.

    Attributes:
        documents: for each name, the ids of the documents that are called so; none where nothing is.
        quotes: for each quote, the places that hold it; none where the documents named for it do not. A quote whose
            documents are missing, or that has none named and was not read, is in a place that nothing covers.
    """

    documents: tuple[frozenset[str], ...]
    quotes: tuple[tuple[Place, ...], ...]

    @property
    def any_document(self) -> frozenset[str]:
        """The ids of all of them."""
        return frozenset[str]().union(*self.documents)


class Stretches:
    """Stretches of documents: what was read, or what was cited."""

    def __init__(self) -> None:
        self.by_document: dict[str, list[tuple[int, int]]] = {}

    @classmethod
    def planned(cls, plan: ContextPlan) -> Stretches:
        """Return what the plan put before the answerer; a whole document as all of its characters."""
        found = cls()
        for document in plan.documents:
            found.add(document.ref.id, 0, sys.maxsize)
        for planned in plan.passages:
            found.add(planned.passage.ref.id, planned.passage.start, planned.passage.end)
        return found

    @classmethod
    def cited(cls, citations: Iterable[Citation]) -> Stretches:
        """Return the places that verified citations point to."""
        found = cls()
        for citation in citations:
            if citation.verified:
                found.add(citation.passage.ref.id, citation.passage.start, citation.passage.end)
        return found

    def add(self, document: str, start: int, end: int) -> None:
        """Add one."""
        self.by_document.setdefault(document, []).append((start, end))


class Evidence:
    """Finds what cases name, and counts tokens of it.

    Args:
        library: reads the documents.
        evaluator: who measures: gold documents are found and read as this user, whoever asks the questions.
    """

    def __init__(self, library: Library, evaluator: User) -> None:
        self._library = library
        self._evaluator = evaluator
        self._names = Names(info.ref for info in library.documents(evaluator))
        self._text = lru_cache(maxsize=_KEPT)(self._read)

    def gold(self, case: AnswerCase, also: Iterable[str] = ()) -> Gold:
        """Return what the case names.

        Args:
            case: the question.
            also: ids of documents where quotes are looked for that no document is named for.
        """
        documents = tuple(self._names.find(name) for name in case.documents)
        anywhere = frozenset[str]().union(*documents) if documents else frozenset(also)
        quotes = []
        for quote in case.quotes:
            within = self._names.find(quote.document) if quote.document else anywhere
            found = (self._place(document, quote.text) for document in sorted(within))
            places = tuple(place for place in found if place is not None)
            if not places and not (within and (documents or quote.document)):
                places = (_nowhere(quote.text),)
            quotes.append(places)
        return Gold(documents, tuple(quotes))

    def covered(self, gold: Gold, stretches: Stretches) -> float | None:
        """Return the share of the quotes' tokens that the stretches hold, None where no quote was found anywhere.

        A quote that stands in several documents counts where most of it is held. One that was not found is left out.
        """
        held = wanted = 0
        for places in gold.quotes:
            best = max(places, key=lambda place: self._share(place, stretches), default=None)
            if best is not None:
                wanted += len(best.tokens)
                held += len(best.tokens & self._tokens(best.document, stretches))
        return held / wanted if wanted else None

    def pointed(self, gold: Gold, stretches: Stretches) -> float | None:
        """Return the share of the stretches' tokens that belong to a quote, None without tokens or quotes."""
        wanted: dict[str, set[int]] = {}
        for place in (place for places in gold.quotes for place in places):
            wanted.setdefault(place.document, set()).update(place.tokens)
        if not wanted:
            return None
        spent = hit = 0
        for document in stretches.by_document:
            tokens = self._tokens(document, stretches)
            spent += len(tokens)
            hit += len(tokens & wanted.get(document, set()))
        return hit / spent if spent else None

    def _share(self, place: Place, stretches: Stretches) -> float:
        return len(place.tokens & self._tokens(place.document, stretches)) / max(1, len(place.tokens))

    def _tokens(self, document: str, stretches: Stretches) -> set[int]:
        spans: Sequence[tuple[int, int]] = stretches.by_document.get(document, ())
        read = self._text(document) if spans else None
        return read[1].of(spans) if read else set()

    def _place(self, document: str, quote: str) -> Place | None:
        read = self._text(document)
        span = align(quote, read[0]) if read else None
        tokens = frozenset(read[1].within(*span)) if read and span else frozenset()
        return Place(document, tokens) if tokens else None

    def _read(self, document: str) -> tuple[str, TokenPlaces] | None:
        """Return a document's text, None where it is gone since the evaluation began."""
        ref = self._names.refs.get(document)
        if ref is None:
            return None
        try:
            text = self._library.read(ref.source, ref.key, self._evaluator).text
        except NotFoundError:
            return None
        return text, TokenPlaces(text)


def _nowhere(quote: str) -> Place:
    return Place("", frozenset(TokenPlaces(quote).within(0, len(quote))))
