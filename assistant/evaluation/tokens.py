"""Counts the tokens of stretches of a text: words and single signs, so that figures do not hang on a model."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable

_TOKEN = re.compile(r"\w+|[^\w\s]")


class TokenPlaces:
    """Where the tokens of a text stand."""

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in _TOKEN.finditer(text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def within(self, start: int, end: int) -> range:
        """Return the numbers of the tokens that overlap the characters `start` to `end` (exclusive)."""
        return range(bisect.bisect_right(self._ends, start), bisect.bisect_left(self._starts, end))

    def of(self, stretches: Iterable[tuple[int, int]]) -> set[int]:
        """Return the numbers of the tokens that overlap any of the stretches."""
        return {number for start, end in stretches for number in self.within(start, end)}
