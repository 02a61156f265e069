"""Boxes of recognised text, whose places a document keeps: of a stretch of it, one for each line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assistant.types import Box, Document

# How wide letters are in the sans-serif fonts that most text is set in, in parts of their size; others count as 0.56.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.22),
    **dict.fromkeys(" .,:;!Iftr()[]/-", 0.31),
    **dict.fromkeys("cksvxyzJ", 0.5),
    **dict.fromkeys("ABCDEFGHKLNPRSTUVXYZ&", 0.68),
    **dict.fromkeys("wOQ", 0.75),
    **dict.fromkeys("mMW@%", 0.87),
}
_USUAL, _WIDE = 0.56, 1.0
_SQUARE = "\u2e80"  # from here on letters are as wide as high


def place_boxes(document: Document, page: int, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of the places on `page` that `start` to `end` touches.

    A line's box is cut in proportion to how wide its characters are in most fonts: recognition tells lines only.
    """
    for place in document.places:
        first, last = max(start, place.start), min(end, place.end)
        if place.box.page != page or first >= last:
            continue
        widths = [_width(letter) for letter in document.text[place.start : place.end]]
        length, before, until = sum(widths), sum(widths[: first - place.start]), sum(widths[: last - place.start])
        yield _cut(place.box, place.turn, before / length, until / length)


def _width(letter: str) -> float:
    return _WIDE if letter >= _SQUARE else _WIDTHS.get(letter, _USUAL)


def _cut(box: Box, turn: int, first: float, last: float) -> Box:
    """Return the part of a line's box from one share of its length to another, in the direction in which it is read."""
    if turn in {90, 180}:  # it begins at the bottom, or on the right
        first, last = 1 - last, 1 - first
    if turn in {90, 270}:
        height = box.bottom - box.top
        return replace(box, top=box.top + height * first, bottom=box.top + height * last)
    width = box.right - box.left
    return replace(box, left=box.left + width * first, right=box.left + width * last)
