"""Makes citations from quotes: each is held against the stored text that the user may read at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.citations.align import align
from assistant.errors import NotFoundError
from assistant.types import Box, Citation, Document, Passage, User


class Reader(Protocol):
    """Hands out the current text of documents."""

    def read(self, source: str, key: str, user: User) -> Document:
        """Return the current version. Raises NotFoundError if the user may not read it or it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """A citation before it is checked: `quote` is said to stand at the passage's `start` to `end`."""

    number: int
    passage: Passage
    quote: str


def verify(quote: str, document: Document, start: int, end: int) -> bool:
    """Whether the quote is not blank and stands exactly at `start` to `end` of the document's text.

    What a parser wrote there (a notice) is no evidence: a quote with a word of it is refused.
    """
    if not quote.strip() or not 0 <= start < end or document.text[start:end] != quote:
        return False
    return not any(low < end and start < high for low, high in document.notices)


def resolve(drafts: Iterable[Draft], user: User, reader: Reader) -> tuple[Citation, ...]:
    """Return one citation a draft, in order, each checked against the current text as this user may read it.

    A quote that does not stand where it was said is looked for (see `align`) outside of notices; if it is found, the
    citation's quote and passage are what stands there. If not, or if the document may not be read (any more), the
    citation is not verified and keeps the place that was said.

    Args:
        drafts: what to cite.
        user: who will see the citations.
        reader: read anew for every document; nothing is taken from a cache.
    """
    read: dict[str, Document | None] = {}
    made: list[Citation] = []
    for draft in drafts:
        ref = draft.passage.ref
        if ref.id not in read:
            read[ref.id] = _read(reader, ref.source, ref.key, user)
        made.append(_resolve_one(draft, read[ref.id]))
    return tuple(made)


def _read(reader: Reader, source: str, key: str, user: User) -> Document | None:
    try:
        return reader.read(source, key, user)
    except NotFoundError:
        return None  # the citation says so: it is not verified


def _resolve_one(draft: Draft, document: Document | None) -> Citation:
    if document is None:
        return Citation(draft.number, draft.passage, draft.quote, verified=False)
    start, end = draft.passage.start, draft.passage.end
    if not verify(draft.quote, document, start, end):
        found = align(draft.quote, document.own_text, near=start)
        if found is None or not verify(document.text[slice(*found)], document, *found):
            return Citation(draft.number, draft.passage, draft.quote, verified=False)
        start, end = found
    quote = document.text[start:end]
    passage = replace(
        draft.passage,
        ref=document.ref,
        start=start,
        end=end,
        text=quote,
        page=document.page_at(start),
        boxes=_boxes(document, start, end),
    )
    return Citation(draft.number, passage, quote, verified=True)


def _boxes(document: Document, start: int, end: int) -> tuple[Box, ...]:
    """Return the boxes of the blocks that the quote touches; the finest that a parser gives."""
    return tuple(b.box for b in document.blocks if b.box is not None and b.start < end and b.end > start)
