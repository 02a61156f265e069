"""Finds documents rather than passages: each with its best places, and counts of what the search may be narrowed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.retrieval.confirming import Catalog
from assistant.retrieval.marking import Spans, marks, stretch, wanted_terms
from assistant.retrieval.retriever import Retriever
from assistant.types import EVERYTHING, DocumentInfo, Filters, Passage, User
from assistant.types.filters import folders_of

Sort = Literal["relevance", "date"]

LOOKED_AT = 200  # passages of which the documents are
_PLACES = 3  # shown of a document
_LENGTH = 300  # characters of a place that are shown
_NEAR = 0.5  # of the best passage's score: what lies below has to hold a word of the query
_MOST_VALUES = 50  # of a kind that are counted out


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A stretch of a document's text that speaks of the query; `marks` are the query's words in it, in the document."""

    start: int
    end: int
    text: str
    page: int | None
    heading_path: tuple[str, ...]
    marks: Spans


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document that was found, with its best places, the best first."""

    info: DocumentInfo
    places: tuple[FoundPlace, ...]


Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FoundDocuments:
    """A page of the documents that were found.

    Attributes:
        documents: of the page.
        total: how many were found.
        is_cut: whether there may be more: only the best `LOOKED_AT` passages were looked at, and all of them fit.
        sources, folders, media_types, years: how many documents each of these would leave, the most first (years: the
            newest first), if what the search is narrowed to in this respect were left out.
    """

    documents: tuple[FoundDocument, ...] = ()
    total: int = 0
    is_cut: bool = False
    sources: Counts = ()
    folders: Counts = ()
    media_types: Counts = ()
    years: Counts = ()


@dataclass(slots=True)
class _Group:
    info: DocumentInfo
    passages: list[Passage] = field(default_factory=list)


class Shelf:
    """Searches for documents. What is returned and what is counted, the user may read now.

    Args:
        retriever: finds the passages.
        catalog: knows their documents.
    """

    def __init__(self, retriever: Retriever, catalog: Catalog) -> None:
        self._retriever = retriever
        self._catalog = catalog

    def find(
        self,
        query: str,
        user: User,
        filters: Filters = EVERYTHING,
        *,
        sort: Sort = "relevance",
        limit: int = 10,
        offset: int = 0,
    ) -> FoundDocuments:
        """Return documents that say something of the query, or mean about the same.

        Args:
            query: words or a question; an empty one finds nothing.
            user: who asks.
            filters: only documents that these allow.
            sort: the best first, or the last changed first.
            limit, offset: which of them.

        Raises:
            IndexUnavailableError: the index does not answer.
        """
        found, is_cut = self._groups(query, user, filters)
        if sort == "date":  # those that say no date are last
            found = sorted(found, key=lambda group: group.info.metadata.modified, reverse=True)
        shown = found[offset : offset + limit]
        wanted = wanted_terms(query, (group.info.metadata.language for group in shown))
        return FoundDocuments(
            tuple(FoundDocument(group.info, _places(group, wanted)) for group in shown),
            len(found),
            is_cut,
            *self._counts(query, user, filters, [group.info for group in found]),
        )

    def _groups(self, query: str, user: User, filters: Filters) -> tuple[list[_Group], bool]:
        """Return the documents in the order of their best passages, and whether there may be more."""
        passages = self._retriever.search(query, user, LOOKED_AT, filters)
        known = self._catalog.readable({passage.ref.id for passage in passages}, user)
        groups: dict[str, _Group] = {}
        for passage in passages:
            info = known.get(passage.ref.id)
            if info is not None and info.ref.version == passage.ref.version:  # none: closed or changed a moment ago
                groups.setdefault(passage.ref.id, _Group(info)).passages.append(passage)
        wanted = wanted_terms(query, (group.info.metadata.language for group in groups.values()))
        floor = _NEAR * max((passage.score for passage in passages), default=0.0)
        kept = [
            group for group in groups.values() if any(_speaks(p, group.info, wanted, floor) for p in group.passages)
        ]
        last = passages[-1] if len(passages) >= LOOKED_AT else None  # what comes behind it says no more than it does
        is_cut = last is not None and last.ref.id in groups and _speaks(last, groups[last.ref.id].info, wanted, floor)
        return kept, is_cut

    def _counts(
        self, query: str, user: User, filters: Filters, found: Sequence[DocumentInfo]
    ) -> tuple[Counts, Counts, Counts, Counts]:
        def among(wider: Filters) -> Sequence[DocumentInfo]:
            return found if wider == filters else [group.info for group in self._groups(query, user, wider)[0]]

        years = Counter(
            info.metadata.modified[:4]
            for info in among(replace(filters, modified_from="", modified_until=""))
            if info.metadata.modified
        )
        return (
            _most(info.ref.source for info in among(replace(filters, sources=None))),
            _most(
                folder
                for info in among(replace(filters, paths=()))
                for folder in _folders(info.ref.key, filters.folders)
            ),
            _most(info.ref.media_type for info in among(replace(filters, media_types=()))),
            tuple(sorted(years.items(), reverse=True)),
        )


def _speaks(passage: Passage, info: DocumentInfo, wanted: frozenset[str], floor: float) -> bool:
    """Whether a passage is near the best one, or holds a word of the query."""
    said = "\n".join((*passage.heading_path, passage.text))
    return passage.score >= floor or bool(marks(said, wanted, info.metadata.language))


def _places(group: _Group, wanted: frozenset[str]) -> tuple[FoundPlace, ...]:
    language = group.info.metadata.language
    return tuple(_place(passage, wanted, language) for passage in group.passages[:_PLACES])


def _place(passage: Passage, wanted: frozenset[str], language: str) -> FoundPlace:
    marked = marks(passage.text, wanted, language)
    first, last = stretch(passage.text, marked, _LENGTH)
    return FoundPlace(
        start=passage.start + first,
        end=passage.start + last,
        text=passage.text[first:last],
        page=passage.page,
        heading_path=passage.heading_path,
        marks=tuple(
            (passage.start + start, passage.start + end) for start, end in marked if first <= start and end <= last
        ),
    )


def _folders(key: str, chosen: Sequence[str]) -> Iterable[str]:
    """Return the outermost folder that a document lies in, and those in the chosen ones that it lies in."""
    above = folders_of(key)[:-1]
    return [folder for at, folder in enumerate(above) if at == 0 or folder in chosen or above[at - 1] in chosen]


def _most(values: Iterable[str]) -> Counts:
    counted = Counter(values)
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:_MOST_VALUES])
