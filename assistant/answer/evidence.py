"""Finds the sentences that may answer a question, in planned passages and whole documents, by words alone."""

from __future__ import annotations

import contextlib
import heapq
import math
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.answer.sentences import Segmenter, Sentence
from assistant.answer.words import Question, codes, stems
from assistant.citations import Reader, align
from assistant.errors import NotFoundError
from assistant.types import ContextPlan, Document, DocumentRef, Passage, User

WINDOW = 700  # characters of a stretch of a whole document that is looked at as one
_CACHE = 32  # documents kept while a question is answered
_WINDOWS = 24  # stretches of whole documents that are cut into sentences


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a document that sentences are taken from; `rank` counts from 0 in order of promise."""

    document: Document
    start: int
    end: int
    rank: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence with the words that scoring needs: its own, those above it, those around it."""

    document: Document
    sentence: Sentence
    rank: int
    own: frozenset[str]
    above: frozenset[str]
    around: frozenset[str]
    codes: frozenset[str]


class Desk:
    """The documents on the table while one question is answered: read as this user, each once if it fits.

    Args:
        reader: the library.
        user: who asks.
    """

    def __init__(self, reader: Reader, user: User) -> None:
        self._reader, self._user = reader, user
        self._open: OrderedDict[str, Document | None] = OrderedDict()
        self._segmenters: dict[str, Segmenter] = {}

    def read(self, ref: DocumentRef) -> Document | None:
        """Return the current version, None if it is gone or may not be read any more."""
        if ref.id in self._open:
            self._open.move_to_end(ref.id)
            return self._open[ref.id]
        document: Document | None = None
        # Access taken away or the document deleted since the search: it gives no evidence.
        with contextlib.suppress(NotFoundError):
            document = self._reader.read(ref.source, ref.key, self._user)
        self._open[ref.id] = document
        while len(self._open) > _CACHE:
            gone, _ = self._open.popitem(last=False)
            self._segmenters.pop(gone, None)
        return document

    def segmenter(self, ref: DocumentRef) -> Segmenter | None:
        """Return the document's segmenter, None as in `read`."""
        document = self.read(ref)
        if document is None:
            return None
        if ref.id not in self._segmenters:
            self._segmenters[ref.id] = Segmenter(document)
        return self._segmenters[ref.id]


def gather(question: Question, plan: ContextPlan, hits: Sequence[Passage], desk: Desk) -> list[Candidate]:
    """Return all candidate sentences of what the plan put in the context, the most promising stretches first.

    Passages count as planned. In whole documents, the stretches that the search had found and those that share most
    words with the question are looked at: a plan may hold millions of tokens, an answer must not take minutes.
    """
    whole = {planned.ref.id for planned in plan.documents}
    spots = [planned.passage for planned in plan.passages]
    spots += [hit for hit in hits if hit.ref.id in whole]
    order = {hit.ref.id + f"@{hit.start}": rank for rank, hit in enumerate(hits)}
    spots.sort(key=lambda p: (order.get(p.ref.id + f"@{p.start}", len(order)), -p.score))
    regions = _located(spots, desk)
    regions += _windows(question, [planned.ref for planned in plan.documents], desk, rank=len(regions))
    return _candidates(regions, desk)


def _located(spots: Iterable[Passage], desk: Desk) -> list[Region]:
    found: list[Region] = []
    for spot in spots:
        document = desk.read(spot.ref)
        if document is None:
            continue
        span: tuple[int, int] | None = (spot.start, spot.end)
        if document.text[spot.start : spot.end] != spot.text:
            span = align(spot.text, document.text, near=spot.start)  # a newer version since the search
        if span is not None:
            found.append(Region(document, *span, rank=len(found)))
    return found


def _windows(question: Question, refs: Sequence[DocumentRef], desk: Desk, rank: int) -> list[Region]:
    """Return the stretches of whole documents with the rarest and the most different words of the question."""
    words = sorted(question.weights)
    held: list[tuple[DocumentRef, int, frozenset[str]]] = []
    for ref in refs:
        document = desk.read(ref)
        if document is not None:
            titled = question.weights.keys() & stems(ref.title)
            marks = _marks(document.own_text, words)
            held.extend((ref, number, frozenset(found | titled)) for number, found in marks.items())
    counts = Counter(word for _, _, found in held for word in found)

    def promise(entry: tuple[DocumentRef, int, frozenset[str]]) -> float:
        return sum(question.weights[word] * math.log(1 + len(held) / counts[word]) for word in entry[2])

    regions: list[Region] = []
    for ref, number, _ in heapq.nlargest(_WINDOWS, held, key=promise):
        document = desk.read(ref)
        if document is not None:
            end = min(len(document.text), (number + 1) * WINDOW)
            regions.append(Region(document, number * WINDOW, end, rank + len(regions)))
    return regions


def _marks(text: str, words: Sequence[str]) -> dict[int, set[str]]:
    """Return which of the stems begin a word in which window of the text, by the window's number.

    Plain searches for one word after the other: seven times as fast as one pattern for all of them.
    """
    # Every character keeps its place in lower case, but for one capital of Turkish, which would become two.
    lowered = text.replace("\u0130", "i").lower()
    marks: dict[int, set[str]] = {}
    for word in words:
        # A stem's last letter may differ from the word's (policy: polici), so the letters before it are looked for.
        prefix = word[:-1] if len(word) > 3 and word.isalpha() and word.isascii() else word
        at = lowered.find(prefix)
        while at >= 0:
            if at and prefix.isascii() and lowered[at - 1].isalnum():
                at = lowered.find(prefix, at + 1)
                continue
            marks.setdefault(at // WINDOW, set()).add(word)
            at = lowered.find(prefix, (at // WINDOW + 1) * WINDOW)
    return marks


def _candidates(regions: Sequence[Region], desk: Desk) -> list[Candidate]:
    seen: set[tuple[str, int, int]] = set()
    found: list[Candidate] = []
    for region in regions:
        segmenter = desk.segmenter(region.document.ref)
        if segmenter is None:
            continue
        title = region.document.ref.title
        sentences = segmenter.sentences(region.start, region.end)
        around = frozenset(stems(" ".join(s.plain for s in sentences)))
        numbers = codes(" ".join(s.plain for s in sentences), spelled=True)
        for sentence in sentences:
            place = (region.document.ref.id, sentence.start, sentence.end)
            if place in seen:
                continue
            seen.add(place)
            above_text = " ".join([title, *sentence.context])
            found.append(
                Candidate(
                    region.document,
                    sentence,
                    region.rank,
                    frozenset(stems(sentence.plain)),
                    frozenset(stems(above_text)),
                    around,
                    numbers | codes(sentence.plain, spelled=True) | codes(above_text, spelled=True),
                )
            )
    return found
