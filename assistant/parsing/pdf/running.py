"""Recognises the headers, footers and page numbers that run through a PDF's pages."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

_DIGITS = re.compile(r"\d+")
_NUMBER_ONLY = re.compile(r"\W*(?:page|seite|p\.|s\.)?\s*(\d{1,5})(?:\s*(?:/|of|von)\s*\d{1,5})?\W*\Z", re.IGNORECASE)
_MIN_PAGES = 4
_MIN_SHARE = 0.6
_MAX_OFFSET = 20  # of a page number from the page's place in the file: invoice numbers count up as well
_EDGE = 2  # lines at the top and at the bottom of a page that may be its header and footer
_MIN_LINES = 2 * _EDGE + 1  # shorter pages are all edge: nothing tells their text from a header


def without_running_lines(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the pages with headers and footers only where they stand first, and without bare page numbers.

    A header or footer is one of the two outer lines of a page that at least 60 % of the pages show, numbers aside.
    Later ones are blanked only where their numbers are the first one's or page numbers (they count up with the pages
    and are no more than 20 off), so that nothing is lost that the text does not say elsewhere.
    Documents below four pages stay as they are.
    """
    found = [list(lines) for lines in pages]
    if len(pages) < _MIN_PAGES:
        return found
    shown: dict[str, dict[int, int]] = defaultdict(dict)  # key -> page -> line
    for index, lines in enumerate(found):
        for number in _edges(lines):
            shown[_key(lines[number], index)][index] = number
    for key, places in shown.items():
        if len(places) < _MIN_SHARE * len(pages):
            continue
        first = min(places)
        original = found[first][places[first]]
        for index, number in places.items():
            if key.startswith("#") or (index != first and _says_the_same(original, found[index][number], first, index)):
                found[index][number] = ""
    return found


def _edges(lines: Sequence[str]) -> Iterator[int]:
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if len(filled) >= _MIN_LINES:
        yield from filled[:_EDGE]
        yield from filled[-_EDGE:]


def _key(line: str, index: int) -> str:
    """Return what running lines have in common; a page number's key holds how far it is from the page's index."""
    if match := _NUMBER_ONLY.match(line):
        return f"#{int(match[1]) - index}"
    return "=" + "".join(_DIGITS.sub("0", line).split())


def _says_the_same(first: str, later: str, page: int, later_page: int) -> bool:
    before, after = _DIGITS.findall(first), _DIGITS.findall(later)
    return len(before) == len(after) and all(
        one == other or _counts_pages(one, other, page, later_page) for one, other in zip(before, after, strict=True)
    )


def _counts_pages(one: str, other: str, page: int, later_page: int) -> bool:
    if max(len(one), len(other)) > 6:
        return False
    return int(other) - int(one) == later_page - page and abs(int(one) - page) <= _MAX_OFFSET
