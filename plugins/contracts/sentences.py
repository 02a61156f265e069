"""Cuts the text of a clause into sentences, with the places where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SHORT = re.compile(
    r"(?:\b(?:no|nos|art|sec|inc|ltd|co|corp|dr|mr|mrs|ms|prof|approx|etc|e\.g|i\.e|vs|abs|nr|bzw|ca|ggf|inkl|zzgl|vgl|evtl"
    r"|z\. ?b|u\. ?a|d\. ?h|i\. ?v\. ?m|s|st|lit|ziff|mio|usw|sog|gem|max|min|u\.s|[a-z])|\b\d{1,2})\.$",
    re.IGNORECASE,
)
_AFTER = r"[\"\u201d\u201c)\]*_]*"
_END = re.compile(
    rf"[.!?;:](?={_AFTER}(?:\s|$)){_AFTER}"
    r"|\n[ \t>]*\n"
    r"|\n(?=[ \t]*(?:[-*\u2022]|\(?\w{1,3}\)|\d+[.)])\s)"  # an item of a list begins
)


_ITEM = re.compile(r"\s*(?:(?:and|or|und|oder)\s+)?\(\w{1,4}\)", re.IGNORECASE)


def sentences_of(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the sentences between two characters of a text begin and end, without white space around them."""
    begin = start
    for match in _END.finditer(text, start, end):
        if match.group().startswith((".", ":", ";")) and _goes_on(text, begin, match, end):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def _goes_on(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    """Whether the sentence does not end here: a list follows or goes on, or the point is of an abbreviation."""
    if match.group().startswith(":"):
        return True
    if match.group().startswith(";"):
        return _ITEM.match(text, match.end(), end) is not None
    if _SHORT.search(text, begin, match.start() + 1):
        return True
    following = text[match.end() : min(end, match.end() + 3)].strip()
    return bool(following) and following[0].islower()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    content = text[start:end].strip()
    if content:
        first = text.index(content, start)
        yield first, first + len(content)
