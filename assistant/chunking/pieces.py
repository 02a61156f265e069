"""The smallest pieces that a text is put together from when it is cut into chunks, and what a cut before each costs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Block, Document

# What a chunk's end costs by what stands there; a chunk that is empty by half costs 0.25 (see chunker).
PARAGRAPH = 0.0
LINE = 0.05
SENTENCE = 0.15
WORD = 0.5
AFTER_HEADING = 1.0

# Line breaks, and the ends of sentences: before anything but a lower-case letter, or after CJK full stops.
_CUT = re.compile(
    r"(?P<paragraph>(?>\r\n|\r|\n)[ \t]*+(?>\r\n|\r|\n)\s*+)|(?P<line>\r\n|\r|\n)"
    r"|(?<=[.!?…])[\"'”’)\]]{0,3}[ \t]++(?=[^a-z\s])|(?<=[。！？])"  # noqa: RUF001 (CJK punctuation)
)
_WORDS = re.compile(r"\s*\S+\s*")
_HEADING_MARK = re.compile(r"[ \t>]*#{0,6}[ \t]*")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it bears on cutting: `start` is its line's begin, `end` the end of its words."""

    start: int
    end: int
    level: int
    text: str


def headings(document: Document) -> list[Heading]:
    """Return the document's headings in order, each from the begin of its line if only marks stand before it."""
    found = []
    for block in document.blocks:
        if block.kind != "heading":
            continue
        line = max(document.text.rfind("\n", 0, block.start), document.text.rfind("\r", 0, block.start)) + 1
        marked = _HEADING_MARK.fullmatch(document.text, line, block.start) is not None
        found.append(Heading(line if marked else block.start, block.end, max(block.level, 1), block.text))
    return found


def cuts(text: str, titles: Sequence[Heading], whole: Sequence[Block]) -> dict[int, float]:
    """Return where the text may be cut, and the cost of each cut.

    Args:
        text: the document's text.
        titles: its headings: a cut before one costs nothing, a cut right after one very much.
        whole: blocks (tables, code) inside which there is no cut.
    """
    found: dict[int, float] = {}
    for match in _CUT.finditer(text):
        cost = PARAGRAPH if match["paragraph"] is not None else LINE if match["line"] is not None else SENTENCE
        found[match.end()] = cost
    for title in titles:
        after = next((at for at in range(title.end, min(title.end + 200, len(text))) if at in found), None)
        if after is not None:
            found[after] = AFTER_HEADING
    if whole:
        places = sorted(found)
        for block in whole:
            for at in places[bisect_right(places, block.start) : bisect_left(places, block.end)]:
                found.pop(at, None)
            found.setdefault(block.start, LINE)
    for title in titles:
        found[title.start] = PARAGRAPH
    found.pop(0, None)
    found.pop(len(text), None)
    return found


def words(text: str, start: int, end: int, longest: int) -> list[int]:
    """Return the begins of the words between two offsets but the first, and of the parts of words over `longest`."""
    places: list[int] = []
    for match in _WORDS.finditer(text, start, end):
        places += range(match.start(), match.end(), longest)
    return [place for place in places if place > start]
