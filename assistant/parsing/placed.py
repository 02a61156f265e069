"""Boxes of recognised text, whose places a document keeps: of a stretch of it, one for each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from assistant.types import Box, Place


def place_boxes(places: Sequence[Place], page: int, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes of the places on `page` that `start` to `end` touches, cut in proportion to the characters."""
    for place in places:
        first, last = max(start, place.start), min(end, place.end)
        if place.box.page != page or first >= last:
            continue
        box, length = place.box, place.end - place.start
        width = (box.right - box.left) / length
        left, right = box.left + width * (first - place.start), box.left + width * (last - place.start)
        yield Box(page, left, box.top, right, box.bottom)
