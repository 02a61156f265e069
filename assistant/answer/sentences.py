"""Cuts a document's text into units that can be quoted: sentences, list items and table rows with exact offsets."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answer.markup import (
    Run,
    front_matter_end,
    link_only,
    markdown_headings,
    row_body,
    runs,
    visible,
)
from assistant.types import Document

MAX_UNIT = 500  # characters of one quotable unit; a longer sentence is cut at a clause or a line
_REACH = 1500  # characters that a range is widened by at most to reach the paragraph's bounds

_END = re.compile(r"[.!?…]+[\"')\]»”\u2019*_]*(?=\s)|[。\uff01\uff1f]+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:[A-Za-z]|e\.g|i\.e|a\.m|p\.m|[A-Z](?:\.[A-Z])+|etc|vs|cf|al|approx|ca|no|nos|fig|eq|sec|ch|vol|pp|ed|"
    r"mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|co|corp|dept|est|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|z\.b|d\.h|bzw|usw)$",
    re.IGNORECASE,
)
_OPENING = "\"'([\u201c\u2018\u00ab*_"
_JOINER = re.compile(r"[.;,]?(?:\s+(?:and|or))?[.;,]?$")
_CLAUSE = re.compile(r"[;:](?=\s)|\n|,(?=\s)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One quotable unit: it stands at `start` to `end` of the document's text.

    Attributes:
        start, end: code points into the document's text, end exclusive.
        text: what stands there.
        plain: the text as a reader sees it, without markup.
        context: headings, a question or the lead-in above it, outermost first; a table's header row last.
        code: whether it is source code.
        header: the header row of the table that it is a row of, as it stands there, without outer pipes.
    """

    start: int
    end: int
    text: str
    plain: str
    context: tuple[str, ...] = ()
    code: bool = False
    header: str = ""


class Segmenter:
    """Gives the sentences of any stretch of one document, with the headings above them; none of its notices.

    Args:
        document: blocks are used where the parser made them; else Markdown headings in the text.
    """

    def __init__(self, document: Document) -> None:
        self._text = document.own_text
        self._shown = document.text
        self._skip_until = front_matter_end(document.text)
        headings = [(b.start, b.end, max(b.level, 1), b.text) for b in document.blocks if b.kind == "heading"]
        self._headings = headings or markdown_headings(document.text)
        self._starts = [start for start, *_ in self._headings]
        self._code = sorted((b.start, b.end) for b in document.blocks if b.kind == "code")
        self._code_starts = [start for start, _ in self._code]
        self._tables = sorted((b.start, b.end) for b in document.blocks if b.kind == "table")
        self._table_starts = [start for start, _ in self._tables]

    def sentences(self, start: int, end: int) -> list[Sentence]:
        """Return the units of which at least half stands in `start` to `end`, in order."""
        low, high = self._widen(max(start, self._skip_until), end)
        found: list[Sentence] = []
        for part_start, part_end, path in self._sections(low, high):
            part = runs(self._text, part_start, part_end)
            found.extend(_units(self._text, part, path, self._is_code, self._header_at))
        return [
            s
            for s in found
            if 2 * (min(s.end, end) - max(s.start, start)) >= s.end - s.start
            and self._shown[s.start : s.end] == s.text  # else a notice stands within it
        ]

    def _widen(self, start: int, end: int) -> tuple[int, int]:
        floor = max(self._skip_until, start - _REACH)
        before = self._text.rfind("\n\n", floor, start)
        after = self._text.find("\n\n", end, end + _REACH)
        low = before + 2 if before >= 0 else self._sentence_start(floor, start)
        return low, after if after >= 0 else min(len(self._text), end + _REACH)

    def _sentence_start(self, floor: int, start: int) -> int:
        if floor == self._skip_until:
            return floor
        marks = [m.end() for m in _END.finditer(self._text, floor, start)]
        return marks[-1] if marks else start

    def _sections(self, low: int, high: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yield the stretches between headings, the headings themselves left out, each with its path."""
        first = bisect.bisect_right(self._starts, low)
        position, path = low, self._path(first)
        if first and self._headings[first - 1][1] > low:
            position = self._headings[first - 1][1]
        for number in range(first, len(self._headings)):
            start, end = self._headings[number][:2]
            if start >= high:
                break
            yield position, start, path
            position, path = max(end, start), self._path(number + 1)
        if position < high:
            yield position, high, path

    def _path(self, count: int) -> tuple[str, ...]:
        """Return the headings that hold for the text after the first `count` headings."""
        path: list[str] = []
        level = 99
        for _, _, depth, text in reversed(self._headings[max(0, count - 200) : count]):
            if depth < level:
                path.append(visible(text).strip(" #\n"))
                level = depth
            if level <= 1:
                break
        return tuple(reversed(path))

    def _is_code(self, start: int) -> bool:
        at = bisect.bisect_right(self._code_starts, start) - 1
        return at >= 0 and start < self._code[at][1]

    def _header_at(self, start: int) -> str:
        """Return the header row of the table that a row stands in, however far above; empty for that row itself."""
        at = bisect.bisect_right(self._table_starts, start) - 1
        if at < 0 or start >= self._tables[at][1]:
            return ""
        first, last = self._tables[at]
        line_end = self._text.find("\n", first, last)
        return row_body(self._text[first:line_end]) if first <= line_end <= start else ""


def _units(
    text: str,
    found: Sequence[Run],
    path: tuple[str, ...],
    is_code: Callable[[int], bool],
    header_at: Callable[[int], str],
) -> list[Sentence]:
    """Return the quotable units of one section; questions, bold lines and lead-ins become context of what follows."""
    units: list[Sentence] = []
    local: tuple[str, ...] = ()
    local_until = 0
    lead: tuple[str, ...] = ()
    header = ""
    for number, run in enumerate(found):
        code = run.kind == "code" or is_code(run.start)
        shown = visible(text[run.start : run.end])
        if run.kind == "text" and not code and _titles_what_follows(text, run, shown):
            local, local_until, lead, header = (shown,), run.end + _REACH, (), ""
            continue
        if run.start > local_until:
            local = ()
        if run.kind == "row":
            if run.header:
                header = text[run.start : run.end]
                continue
            names = header or header_at(run.start)
            context = path + local + ((visible(names),) if names else ())
            kept = _keep(text, run.start, run.end, context, code=code, least=2)
            units.extend(replace(unit, header=names) for unit in kept)
            continue
        header = ""
        context = path + local + (lead if run.kind == "item" else ())
        if code:
            units.extend(_keep(text, run.start, min(run.end, run.start + MAX_UNIT), context, code=True, least=1))
            continue
        units.extend(_sentences_of(text, run, context, least=1 if lead and run.kind == "item" else 3))
        if run.kind == "text":
            lead = ()
        if shown.endswith(":"):
            opening = _last_sentence(text, run)
            units.extend(_with_list(text, opening, found[number + 1 :], path + local))
            lead = (visible(text[opening : run.end]),)
    return units


def _titles_what_follows(text: str, run: Run, shown: str) -> bool:
    """Whether a paragraph only titles the next one: a question, or a short line all in bold."""
    raw = text[run.start : run.end].strip()
    if shown.endswith("?") and len(shown) < 200 and not re.search(r"[.!]\s", shown):
        return True
    return (
        len(shown.split()) <= 10 and len(raw) > 4 and raw.rstrip(":").endswith(("**", "__")) and raw[:2] in {"**", "__"}
    )


def _sentences_of(text: str, run: Run, context: tuple[str, ...], least: int) -> Iterator[Sentence]:
    pending = run.start
    for start, end in split(text, run.start, run.end):
        begin = min(start, pending)
        # 'Yes.' is no answer by itself: it goes with the sentence that follows.
        if len(visible(text[begin:end]).split()) < 3 and end < run.end:
            pending = begin
            continue
        pending = run.end
        yield from _keep(text, begin, end, context, code=False, least=least)


def _keep(text: str, start: int, end: int, context: tuple[str, ...], *, code: bool, least: int) -> Iterator[Sentence]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    raw = text[start:end]
    plain = raw if code else visible(raw)
    words = [word for word in plain.split() if any(c.isalnum() for c in word)]
    if len(words) < least or plain.endswith("?") or (not code and link_only(raw)):
        return
    if plain.endswith((":", ",")) and not code:
        return
    yield Sentence(start, end, raw, plain, context, code)


def _last_sentence(text: str, run: Run) -> int:
    parts = split(text, run.start, run.end)
    return parts[-1][0] if parts else run.start


def _with_list(text: str, opening: int, following: Sequence[Run], context: tuple[str, ...]) -> Iterator[Sentence]:
    """Yield a lead-in ('do the following:') together with the list below it, as far as whole items fit."""
    items: list[Run] = []
    for run in following:
        if run.kind != "item" or run.end - opening > MAX_UNIT:
            break
        items.append(run)
    if items:
        shown = [_JOINER.sub("", visible(text[run.start : run.end])) for run in items]
        lead = visible(text[opening : items[0].start]).rstrip("0123456789.)( ")
        end = items[-1].end
        while text[end - 1].isspace():
            end -= 1
        yield Sentence(opening, end, text[opening:end], f"{lead} {'; '.join(shown)}", context)


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentences of one paragraph as (start, end), none longer than `MAX_UNIT` characters."""
    bounds: list[tuple[int, int]] = []
    begin = start
    for mark in _END.finditer(text, start, end):
        if _ends_sentence(text, begin, mark, end):
            bounds.append((begin, mark.end()))
            begin = mark.end()
            while begin < end and text[begin].isspace():
                begin += 1
    if text[begin:end].strip():
        bounds.append((begin, end))
    return [piece for low, high in bounds for piece in _shorten(text, low, high)]


def _ends_sentence(text: str, begin: int, mark: re.Match[str], end: int) -> bool:
    position = mark.end()
    while position < end and (text[position].isspace() or text[position] in _OPENING):
        position += 1
    if position < end and text[position].islower():
        return False
    return not (
        mark.group().startswith(".") and _ABBREVIATION.search(text[max(begin, mark.start() - 12) : mark.start()])
    )


def _shorten(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    # A link's target may be longer than its sentence: what a reader sees counts.
    while end - start > MAX_UNIT and len(visible(text[start:end])) > MAX_UNIT:
        marks = [m.end() for m in _CLAUSE.finditer(text, start + MAX_UNIT // 3, start + MAX_UNIT)]
        cut = marks[-1] if marks else (text.rfind(" ", start + 1, start + MAX_UNIT) + 1) or start + MAX_UNIT
        yield start, cut
        start = cut
    yield start, end
