"""Boxes of recognised text, whose places a document keeps: of a stretch of it, one for each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.types import Box, Place


def place_boxes(places: Sequence[Place], page: int, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of the places on `page` that `start` to `end` touches, cut in proportion to the characters."""
    for place in places:
        first, last = max(start, place.start), min(end, place.end)
        if place.box.page != page or first >= last:
            continue
        length = place.end - place.start
        yield _cut(place.box, place.turn, (first - place.start) / length, (last - place.start) / length)


def _cut(box: Box, turn: int, first: float, last: float) -> Box:
    """Return the part of a line's box from one share of its length to another, in the direction in which it is read."""
    if turn in {90, 180}:  # it begins at the bottom, or on the right
        first, last = 1 - last, 1 - first
    if turn in {90, 270}:
        height = box.bottom - box.top
        return replace(box, top=box.top + height * first, bottom=box.top + height * last)
    width = box.right - box.left
    return replace(box, left=box.left + width * first, right=box.left + width * last)
