"""Which headings a stretch of text stands under."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*\Z")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`|~~)(?=\S)(.+?)(?<=\S)\1")


def plain(heading: str) -> str:
    """Return a heading without Markdown's marks for links, emphasis and code, on one line."""
    text = _ATTRIBUTES.sub("", _IMAGE_OR_LINK.sub(r"\1", heading))
    return " ".join(_EMPHASIS.sub(r"\2", text).split())


class Trail:
    """The path of headings at each place of a text."""

    def __init__(self, starts: list[int], paths: list[tuple[str, ...]]) -> None:
        self._starts = starts
        self._paths = paths

    def common(self, start: int, end: int) -> tuple[str, ...]:
        """Return the headings that all of the text between two offsets stands under, the outermost first.

        A heading that the text itself starts with counts; where the text spans several sections, what they share.
        """
        first = max(bisect_right(self._starts, start), 1) - 1
        last = max(bisect_right(self._starts, end - 1), 1) - 1
        path = self._paths[first]
        for other in self._paths[first + 1 : last + 1]:
            shared = 0
            while shared < min(len(path), len(other)) and path[shared] == other[shared]:
                shared += 1
            path = path[:shared]
        return path


def trail(headings: Sequence[tuple[int, int, str]]) -> Trail:
    """Return the paths of a text.

    Args:
        headings: start, level (from 1) and text of each, in order.
    """
    starts: list[int] = [0]
    paths: list[tuple[str, ...]] = [()]
    open_levels: list[tuple[int, str]] = []
    for start, level, text in headings:
        while open_levels and open_levels[-1][0] >= level:
            open_levels.pop()
        open_levels.append((level, text))
        starts.append(start)
        paths.append(tuple(name for _, name in open_levels))
    return Trail(starts, paths)
