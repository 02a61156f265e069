"""Finds the headings of a PDF: lines that its bookmarks name, and lines that are larger or bolder than the text.

A bookmark says how deep its heading stands; the others' depth is told by how they are written, the largest first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.parsing.pdf.looks import Look
from assistant.parsing.pdf.pages import Sheet

Outline = Mapping[int, Mapping[str, int]]  # page index -> folded heading -> level
_LARGER = 1.18  # times the size of the text; a slide's points are written in two or three sizes that differ less
_SAME = 0.6  # points by which the sizes of one kind of headings differ
_MOST_LINES = 3
_LONGEST = 200  # characters
_MOSTLY = 0.3  # of the text; where more is written large or bold, it tells nothing
_DEEPEST = 6
_LETTER = re.compile(r"[^\W\d_]")
_UNFINISHED = (".", ",", ";", ":")
_PROSE = 40  # characters of the line below a bold one; the head of a table has numbers or less words below it


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page from one of its lines to the line before `end`."""

    level: int
    end: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    first: int
    end: int
    look: Look
    text: str


def find_headings(sheets: Sequence[Sheet], outline: Outline) -> list[dict[int, Heading]]:
    """Return each page's headings by the number of their first line.

    Args:
        sheets: the pages as they will be written.
        outline: the bookmarks.
    """
    pages = [_candidates(sheet, body) for sheet in sheets] if (body := _body(sheets)) else [[] for _ in sheets]
    written = sum(len(line) for sheet in sheets for line in sheet.lines)
    if sum(len(one.text) for page in pages for one in page) > _MOSTLY * written:
        pages = [[] for _ in sheets]
    levels = _levels(pages, outline)
    found: list[dict[int, Heading]] = []
    for index, (sheet, page) in enumerate(zip(sheets, pages, strict=True)):
        marks = outline.get(index, {})
        headings = {one.first: Heading(_marked(one, marks) or levels[_style(one.look)], one.end) for one in page}
        inside = {number for one in page for number in range(one.first, one.end)}
        for number, line in enumerate(sheet.lines if marks else ()):
            if (level := marks.get(fold(line), 0)) and number not in inside:
                headings[number] = Heading(level, number + 1)
        found.append(headings)
    return found


def fold(text: str) -> str:
    """Return a text as bookmarks and lines are compared: without white space, and whether letters are capitals."""
    return "".join(text.split()).casefold()


def _marked(one: _Candidate, marks: Mapping[str, int]) -> int:
    return marks.get(fold(one.text), 0)


def _body(sheets: Sequence[Sheet]) -> Look | None:
    """Return how most of the text is written; bold if so much of it is that this tells nothing."""
    sizes: Counter[float] = Counter()
    bold = 0
    for sheet in sheets:
        for line, look in zip(sheet.lines, sheet.looks, strict=False):
            if look is not None and look.size > 0:
                sizes[round(2 * look.size) / 2] += len(line)
                bold += len(line) if look.bold else 0
    if not sizes:
        return None
    return Look(sizes.most_common(1)[0][0], bold > _MOSTLY * sizes.total())


def _candidates(sheet: Sheet, body: Look) -> list[_Candidate]:
    """Return what is written like a heading on a page, in order."""
    tabled = {n for first, table in sheet.tables.items() for n in range(first, table.end(sheet.lines, first))}
    runs = list(_runs(sheet, tabled))
    found: list[_Candidate] = []
    below: str | None = None  # the line under the one that is looked at, None where that is a heading
    for run in reversed(runs):
        is_title = run.end - run.first <= _MOST_LINES and _titled(run.text)
        large = is_title and run.look.size >= _LARGER * body.size
        heavy = is_title and run.look.bold and not body.bold and run.look.size > body.size - _SAME
        if large or (heavy and not run.text.endswith(_UNFINISHED) and (below is None or _is_prose(below))):
            found.append(run)
            below = None
        else:
            below = sheet.lines[run.first]
    return found[::-1]


def _runs(sheet: Sheet, tabled: set[int]) -> Iterator[_Candidate]:
    """Yield the page's lines, those below each other that are written alike as one; tables part them."""
    run: list[int] = []
    for number, line in enumerate([*sheet.lines, ""] if sheet.looks else ()):
        look = sheet.looks[number] if number < len(sheet.looks) else None
        goes_on = bool(run) and bool(line.strip()) and number not in tabled and _alike(sheet.looks[run[-1]], look)
        if run and not goes_on:
            first = sheet.looks[run[0]]
            yield _Candidate(run[0], run[-1] + 1, first or Look(0.0), " ".join(sheet.lines[n].strip() for n in run))
            run = []
        if line.strip() and number not in tabled:
            run.append(number)


def _alike(one: Look | None, other: Look | None) -> bool:
    return one is not None and other is not None and one.bold == other.bold and abs(one.size - other.size) < _SAME


def _titled(text: str) -> bool:
    """Whether a line's words could be a heading: short, and letters for the most part."""
    letters = len(_LETTER.findall(text))
    return (
        len(text) <= _LONGEST
        and not text.startswith(_UNFINISHED)
        and letters >= 2
        and 2 * letters >= len("".join(text.split()))
    )


def _is_prose(line: str) -> bool:
    return len(line) >= _PROSE and _titled(line[:_LONGEST])


def _style(look: Look) -> tuple[int, bool]:
    return round(look.size), look.bold


def _levels(pages: Sequence[Sequence[_Candidate]], outline: Outline) -> dict[tuple[int, bool], int]:
    """Return how deep headings of each style stand: as bookmarks say, else one deeper than the next larger."""
    told: dict[tuple[int, bool], Counter[int]] = defaultdict(Counter)
    for index, page in enumerate(pages):
        for one in page:
            if level := _marked(one, outline.get(index, {})):
                told[_style(one.look)][level] += 1
    levels: dict[tuple[int, bool], int] = {}
    level = 0
    for style in sorted({_style(one.look) for page in pages for one in page}, reverse=True):
        level = told[style].most_common(1)[0][0] if style in told else min(level + 1, _DEEPEST)
        levels[style] = level
    return levels
