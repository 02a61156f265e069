"""Fills a token budget with whole documents and passages, and knows what got no place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from assistant.context.lengths import Lengths
from assistant.context.library import Library
from assistant.errors import NotFoundError
from assistant.types import DocumentInfo, DocumentRef, Passage, PlannedDocument, PlannedPassage, User

_GAP = 8  # characters between two passages that are still next to each other: the blanks that a chunker drops
_ROUNDS = 8  # of filling: joining leaves room, the less the more often
_LEAST_SHARE = 0.2  # of a passage's length alone, that it is taken to have beside its neighbours
_LIKELY = 6  # characters a token: passages that are longer together are not even counted


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands on a shelf; `tokens` is the sum of its parts.

    `skipped` counts passages that did not fit, `filled` says whether `fill` found room for any.
    """

    passages: tuple[PlannedPassage, ...]
    documents: tuple[PlannedDocument, ...]
    tokens: int
    skipped: int
    filled: bool


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
        self._texts: dict[str, str | None] = {}
        self._documents: dict[str, PlannedDocument] = {}
        self._passages: list[PlannedPassage] = []
        self._filled = False
        self._skipped: set[tuple[DocumentRef, int, int]] = set()

    def has(self, ref: DocumentRef) -> bool:
        """Whether the document has a place, whole or in passages."""
        return ref.id in self._documents or any(p.passage.ref.id == ref.id for p in self._passages)

    @property
    def free(self) -> int:
        """Tokens that are left."""
        return self._free

    def is_whole(self, ref: DocumentRef) -> bool:
        """Whether the whole document has a place."""
        return ref.id in self._documents

    def room_for(self, ref: DocumentRef) -> int:
        """Return how long the document may be to fit whole: its passages would give way."""
        return self._free + sum(p.tokens for p in self._passages if p.passage.ref.id == ref.id)

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
            self._skipped.add((passage.ref, passage.start, passage.end))
            return False
        self._skipped.discard((passage.ref, passage.start, passage.end))
        self._free -= tokens - sum(p.tokens for p in taken)
        gone = {id(p) for p in taken}
        place = next((n for n, p in enumerate(self._passages) if id(p) in gone), len(self._passages))
        rest = [p for p in self._passages if id(p) not in gone]
        self._passages = [*rest[:place], PlannedPassage(merged, tokens), *rest[place:]]
        return True

    def contents(self) -> Contents:
        """Return what stands on the shelf, in the order it was put there."""
        skipped = sum(ref.id not in self._documents for ref, _, _ in self._skipped)
        tokens = self._budget - self._free
        return Contents(tuple(self._passages), tuple(self._documents.values()), tokens, skipped, self._filled)

    def fill(self, passages: Sequence[Passage]) -> None:
        """Put as many further passages on the shelf as fit, best first, and all in the order of their documents.

        They are counted in few steps: each alone at first, then joined with their neighbours, which leaves room again.
        One that does not fit is not counted as skipped: nobody named it.

        Args:
            passages: best first; any number, of documents that may stand here in passages already.
        """
        waiting = [p for p in passages if p.ref.id not in self._documents]
        share = 1.0  # of what it takes alone, that a passage takes beside its neighbours
        for _ in range(_ROUNDS):
            chosen, alone = self._that_fit(waiting, self._free / share)
            free = self._free
            while chosen and not self._rearranged(chosen):
                chosen, alone = chosen[: len(chosen) // 2], alone[: len(chosen) // 2]
            if not chosen and share == 1.0:
                return
            share = 1.0 if not chosen else min(1.0, max(_LEAST_SHARE, (free - self._free) / max(1, sum(alone))))
            there = {id(p) for p in chosen}
            waiting = [p for p in waiting if id(p) not in there]

    def _that_fit(self, waiting: Sequence[Passage], room: float) -> tuple[list[Passage], list[int]]:
        """Return the first of the passages that fit in so many tokens, each counted alone, and their counts."""
        held = accumulate(len(passage.text) for passage in waiting)
        likely = waiting[: sum(characters <= room * _LIKELY for characters in held)]
        chosen: list[Passage] = []
        counts: list[int] = []
        for passage, tokens in zip(likely, self._lengths.of_passages(likely), strict=True):
            if tokens <= room:
                chosen.append(passage)
                counts.append(tokens)
                room -= tokens
        return chosen, counts

    def _rearranged(self, more: Sequence[Passage]) -> bool:
        """Put the passages on the shelf with those that stand there, and return whether they fit."""
        of_document: dict[tuple[str, str], list[Passage]] = {}
        for passage in [*(p.passage for p in self._passages), *more]:
            of_document.setdefault((passage.ref.id, passage.ref.version), []).append(passage)
        runs = [run for own in of_document.values() for run in self._runs(own)]
        counts = self._lengths.of_passages(runs)
        free = self._free + sum(p.tokens for p in self._passages) - sum(counts)
        if free < 0:
            return False
        self._passages = [PlannedPassage(run, tokens) for run, tokens in zip(runs, counts, strict=True)]
        self._filled |= free < self._free
        self._free = free
        return True

    def _join(self, one: Passage, other: Passage) -> Passage | None:
        """Return the two as one passage, or None if they are not next to each other in one version of a document."""
        if (one.ref.id, one.ref.version) != (other.ref.id, other.ref.version):
            return None
        runs = self._runs([one, other])
        return runs[0] if len(runs) == 1 else None

    def _runs(self, passages: Sequence[Passage]) -> list[Passage]:
        """Return passages of one version of a document in its order, those that overlap or touch as one."""
        runs: list[list[Passage]] = []
        texts: list[list[str]] = []
        end = 0
        for passage in sorted(passages, key=lambda p: (p.start, p.end)):
            between = self._between(passage.ref, end, passage.start) if runs else None
            if between is None:
                runs.append([passage])
                texts.append([passage.text])
                end = passage.end
                continue
            runs[-1].append(passage)
            texts[-1] += [between, passage.text[max(0, end - passage.start) :]]
            end = max(end, passage.end)
        return [_joined(run, "".join(text)) for run, text in zip(runs, texts, strict=True)]

    def _between(self, ref: DocumentRef, end: int, start: int) -> str | None:
        """Return the few characters between two passages, or None where they are many, or cannot be read any more."""
        if start <= end:
            return ""
        if start - end > _GAP:
            return None
        if ref.id not in self._texts:
            try:
                document = self._library.read(ref.source, ref.key, self._user)
            except NotFoundError:
                return None
            self._texts[ref.id] = document.text if document.ref.version == ref.version else None
        text = self._texts[ref.id]
        return None if text is None else text[end:start]


def _joined(run: Sequence[Passage], text: str) -> Passage:
    """Return passages as one that holds this text."""
    if len(run) == 1:
        return run[0]
    return replace(
        run[0],
        end=max(p.end for p in run),
        text=text,
        boxes=tuple(dict.fromkeys(box for p in run for box in p.boxes)),
        score=max(p.score for p in run),
        pictures=tuple(dict.fromkeys(number for p in run for number in p.pictures)),
        captions="\n".join(dict.fromkeys(p.captions for p in run if p.captions)),
        notices=tuple(sorted({notice for p in run for notice in p.notices})),
    )
