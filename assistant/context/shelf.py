"""Fills a token budget with whole documents and passages, and knows what got no place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.context.lengths import Lengths
from assistant.context.library import Library
from assistant.errors import NotFoundError
from assistant.types import DocumentInfo, DocumentRef, Passage, PlannedDocument, PlannedPassage, User

_GAP = 8  # characters between two passages that are still next to each other: the blanks that a chunker drops


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands on a shelf; `tokens` is the sum of its parts, `skipped` counts passages that did not fit."""

    passages: tuple[PlannedPassage, ...]
    documents: tuple[PlannedDocument, ...]
    tokens: int
    skipped: int


class Shelf:
    """Takes documents and passages while they fit in the budget; never holds the same text twice.

    Args:
        budget: tokens, at least 1.
        lengths: of passages, in tokens.
        user, library: for the few characters between neighbouring passages.
    """

    def __init__(self, budget: int, lengths: Lengths, user: User, library: Library) -> None:
        self._free = budget
        self._budget = budget
        self._lengths, self._user, self._library = lengths, user, library
        self._documents: dict[str, PlannedDocument] = {}
        self._passages: list[PlannedPassage] = []
        self._skipped = 0

    def has(self, ref: DocumentRef) -> bool:
        """Whether the document has a place, whole or in passages."""
        return ref.id in self._documents or any(p.passage.ref.id == ref.id for p in self._passages)

    @property
    def free(self) -> int:
        """Tokens that are left."""
        return self._free

    def add_document(self, info: DocumentInfo, tokens: int) -> bool:
        """Put the whole document of so many tokens on the shelf if it fits; its passages give way.

        Returns:
            whether it stands there.
        """
        if info.ref.id in self._documents:
            return True
        own = [p for p in self._passages if p.passage.ref.id == info.ref.id]
        if tokens - sum(p.tokens for p in own) > self._free:
            return False
        self._passages = [p for p in self._passages if p not in own]
        self._free += sum(p.tokens for p in own) - tokens
        self._documents[info.ref.id] = PlannedDocument(info.ref, tokens)
        return True

    def add_passage(self, passage: Passage) -> bool:
        """Put a passage on the shelf if it fits, as one with those it overlaps or touches."""
        if passage.ref.id in self._documents:
            return True
        merged, taken = passage, []
        for other in self._passages:
            joined = self._join(other.passage, merged)
            if joined is not None:
                merged = joined
                taken.append(other)
        tokens = self._lengths.of_passages([merged])[0]
        if tokens - sum(p.tokens for p in taken) > self._free:
            self._skipped += 1
            return False
        self._free -= tokens - sum(p.tokens for p in taken)
        gone = {id(p) for p in taken}
        place = next((n for n, p in enumerate(self._passages) if id(p) in gone), len(self._passages))
        rest = [p for p in self._passages if id(p) not in gone]
        self._passages = [*rest[:place], PlannedPassage(merged, tokens), *rest[place:]]
        return True

    def contents(self) -> Contents:
        """Return what stands on the shelf, in the order it was put there."""
        return Contents(
            tuple(self._passages), tuple(self._documents.values()), self._budget - self._free, self._skipped
        )

    def _join(self, one: Passage, other: Passage) -> Passage | None:
        """Return the two as one passage, or None if they are not next to each other in one version of a document."""
        if (one.ref.id, one.ref.version) != (other.ref.id, other.ref.version):
            return None
        first, second = sorted((one, other), key=lambda p: (p.start, p.end))
        between = self._between(first, second)
        if between is None:
            return None
        text = first.text + between + second.text[max(0, first.end - second.start) :]
        return replace(
            first,
            end=max(first.end, second.end),
            text=text,
            boxes=first.boxes + tuple(box for box in second.boxes if box not in first.boxes),
            score=max(one.score, other.score),
            pictures=tuple(dict.fromkeys(first.pictures + second.pictures)),
            captions="\n".join(dict.fromkeys(text for text in (first.captions, second.captions) if text)),
            notices=tuple(sorted({*first.notices, *second.notices})),
        )

    def _between(self, first: Passage, second: Passage) -> str | None:
        gap = second.start - first.end
        if gap <= 0:
            return ""
        if gap > _GAP:
            return None
        try:
            document = self._library.read(first.ref.source, first.ref.key, self._user)
        except NotFoundError:
            return None
        return document.text[first.end : second.start] if document.ref.version == first.ref.version else None
