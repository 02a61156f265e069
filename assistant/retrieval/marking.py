"""Says where a text has a query's words, in whatever form, and which stretch of it shows most of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from assistant.adapters.terms import DENSE_SIGN, document_terms, query_terms

Spans = tuple[tuple[int, int], ...]

_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"\s")
_LONGEST_WORD = 40  # characters that a cut moves for not to go through one


def wanted_terms(query: str, languages: Iterable[str]) -> frozenset[str]:
    """Return the terms of a query by which documents of these languages (ISO 639-1) are found; see `adapters.terms`."""
    return frozenset(query_terms(query, languages))


def marks(text: str, wanted: frozenset[str], language: str) -> Spans:
    """Return start and end of each word of a text that is one of the query's, in order; neighbouring signs are one.

    Args:
        text: of a document.
        wanted: from `wanted_terms`.
        language: the document's, empty if it is unknown.
    """
    found: list[tuple[int, int]] = []
    for start, end in _words(text):
        if wanted.isdisjoint(document_terms(text[start:end], language)):
            continue
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)


def _words(text: str) -> Iterator[tuple[int, int]]:
    """Yield the words, and the pairs of neighbouring signs of what is written without blanks."""
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start > 1 and DENSE_SIGN.search(match[0]):
            yield from ((at, at + 2) for at in range(start, end - 1))
        else:
            yield start, end


def stretch(text: str, marked: Spans, length: int) -> tuple[int, int]:
    """Return start and end of about so many characters of a text with most of the marks, cut at blanks.

    The first of several that have as many; without marks, the beginning.
    """
    if len(text) <= length:
        return 0, len(text)
    before = length // 5  # of what is shown stands before the first mark
    held = [sum(at <= first and last <= at - before + length for first, last in marked) for at, _ in marked]
    at = marked[held.index(max(held))][0] if held else 0
    start = max(0, min(at - before, len(text) - length))
    return _cut(text, start, forward=True), _cut(text, start + length, forward=False)


def _cut(text: str, at: int, *, forward: bool) -> int:
    """Return the place of the nearest word's edge, or `at` itself where no blank is near."""
    if at <= 0 or at >= len(text):
        return max(0, min(at, len(text)))
    if forward:
        blank = _BLANK.search(text, at - 1, at + _LONGEST_WORD)
        return blank.end() if blank else at
    back = [match.start() for match in _BLANK.finditer(text, max(0, at - _LONGEST_WORD), at + 1)]
    return back[-1] if back else at
