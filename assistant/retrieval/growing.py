"""Shows more around each hit: its whole section where that is short, else its neighbours; what overlaps becomes one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from assistant.retrieval.candidates import Candidate
from assistant.retrieval.sentences import sentence_spans
from assistant.types import DocumentRef, Passage, User

SECTION = 2  # a section that is no longer than so many times the context, and the hit, is shown whole


class OutlineLike(Protocol):
    """What is needed of a document: its text, and where its parts begin; `assistant.access.Outline` is one."""

    @property
    def text(self) -> str: ...  # noqa: D102 (a plain field)
    @property
    def headings(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def blocks(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def tables(self) -> tuple[tuple[int, int], ...]: ...  # noqa: D102

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that holds the character at `offset`, None where there are no pages."""
        ...


class Reader(Protocol):
    """Reads documents for a user; `assistant.access.Library` is one."""

    def outlines(self, refs: Iterable[DocumentRef], user: User) -> Mapping[str, OutlineLike]:
        """Return the outlines of those of the versions that are current and that the user may read, by document id."""
        ...


def grow(
    candidates: Sequence[Candidate], outlines: Mapping[str, OutlineLike], context: int, limit: int
) -> list[Candidate]:
    """Return at most `limit` candidates that have grown, best first; each says in `spots` what was found in it.

    Those that overlap or touch become one at the better one's place, and a further candidate takes the free one. A
    document's candidates never grow into another document, nor past their section.

    Args:
        candidates: best first, more than `limit` so that there are further ones.
        outlines: of their documents, by id; the passages of a document that is missing stay as they are.
        context: characters before and behind a passage.
        limit: how many are wanted.
    """
    grown: list[Candidate] = []
    for candidate in candidates:
        outline = outlines.get(candidate.document)
        new = candidate if outline is None else _grown(candidate, outline, context)
        at = next((n for n, other in enumerate(grown) if outline is not None and _touch(other, new, outline)), None)
        if at is not None and outline is not None:
            grown[at] = _joined(grown[at], new, outline)
        elif len(grown) < limit:
            grown.append(new)
    return grown


def _grown(candidate: Candidate, outline: OutlineLike, context: int) -> Candidate:
    passage = candidate.passage
    first, last = _section(passage, outline)
    if last - first > SECTION * context + len(passage.text):
        first, last = _neighbours(
            passage, outline, max(first, passage.start - context), min(last, passage.end + context)
        )
    return _spread(candidate, outline, first, last, passage.spots or ((passage.start, passage.end),))


def _section(passage: Passage, outline: OutlineLike) -> tuple[int, int]:
    """Return the section that the passage stands in, with its heading; where it spans several, all of them."""
    at = bisect_right(outline.headings, passage.start) - 1
    start = outline.headings[at] if at >= 0 else 0
    behind = bisect_left(outline.headings, passage.end)
    end = outline.headings[behind] if behind < len(outline.headings) else len(outline.text)
    return min(start, passage.start), max(end, passage.end)


def _neighbours(passage: Passage, outline: OutlineLike, first: int, last: int) -> tuple[int, int]:
    """Return what is whole of the blocks within these bounds around the passage, or else of the sentences."""
    starts = outline.blocks[bisect_left(outline.blocks, first) : bisect_right(outline.blocks, last)]
    before = next((start for start in starts if start <= passage.start), None)
    behind = next((start for start in reversed(starts) if start >= passage.end), None)
    if before is None or before == passage.start:
        before = _sentence_before(outline.text, first, passage.start)
    if behind is None:
        behind = _sentence_behind(outline.text, passage.end, last)
    return before, behind


def _sentence_before(text: str, first: int, start: int) -> int:
    """Return where the first whole sentence between the two begins; the sentence that `first` cuts does not count."""
    spans = sentence_spans(text[first:start])
    whole = spans if first == 0 else spans[1:]
    return first + whole[0][0] if whole else start


def _sentence_behind(text: str, end: int, last: int) -> int:
    """Return where the last whole sentence between the two ends."""
    spans = sentence_spans(text[end:last])
    whole = spans if last == len(text) else spans[:-1]
    return end + whole[-1][1] if whole else end


def _touch(one: Candidate, other: Candidate, outline: OutlineLike) -> bool:
    """Whether two candidates of a document overlap, or have nothing but blanks between them."""
    if one.document != other.document:
        return False
    first, second = sorted((one.passage, other.passage), key=lambda p: p.start)
    return second.start <= first.end or not outline.text[first.end : second.start].strip()


def _joined(one: Candidate, other: Candidate, outline: OutlineLike) -> Candidate:
    first, last = min(one.passage.start, other.passage.start), max(one.passage.end, other.passage.end)
    spots = tuple(sorted({*one.passage.spots, *other.passage.spots}))
    joined = _spread(one, outline, first, last, spots)
    also = {ref.id: ref for ref in (*one.passage.also, *other.passage.also)}
    pictures = tuple(dict.fromkeys(one.passage.pictures + other.passage.pictures))
    captions = "\n".join(dict.fromkeys(text for text in (one.passage.captions, other.passage.captions) if text))
    passage = replace(joined.passage, also=tuple(also.values()), pictures=pictures, captions=captions)
    return replace(joined, passage=passage)


def _spread(
    candidate: Candidate, outline: OutlineLike, first: int, last: int, spots: tuple[tuple[int, int], ...]
) -> Candidate:
    """Return the candidate with the text from `first` to `last`, without blanks at its ends."""
    passage = candidate.passage
    text = outline.text[first:last]
    start = first + len(text) - len(text.lstrip())
    end = max(start, first + len(text.rstrip()))
    inside = any(begin < start < stop for begin, stop in outline.tables)
    new = replace(
        passage,
        start=start,
        end=end,
        text=outline.text[start:end],
        page=outline.page_at(start) or passage.page,
        table_header=passage.table_header if inside else "",
        spots=spots,
    )
    return replace(candidate, passage=new)
