"""A document's headings: where its sections start, and which headings a stretch of text stands under."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Document

_IMAGE_OR_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()\s]*(?:\s+\"[^\"]*\")?\)|\[[^\[\]]*\])")
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}\s*\Z")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`|~~)(?=\S)(.+?)(?<=\S)\1")
_MARK = re.compile(r"[ \t>]*#{0,6}[ \t]*")
_REST = re.compile(r"[^\r\n]*\s*(?:(?:=+|-+)[ \t]*(?=[\r\n]|\Z)\s*)?")  # closing marks, underline


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: `start` is the begin of its line, `body` that of the text under it."""

    start: int
    body: int
    level: int
    text: str


def find_headings(document: Document) -> list[Heading]:
    """Return the document's headings in order, each from the begin of its line if only marks stand before it."""
    text, found = document.text, []
    for block, following in itertools.zip_longest(document.blocks, document.blocks[1:]):
        if block.kind != "heading":
            continue
        # a heading may be the begin of a line that goes on with its text
        goes_on = following is not None and following.kind == "text" and following.start >= block.end
        ends = following.start if following is not None and goes_on else len(text)
        line = max(text.rfind("\n", 0, block.start), text.rfind("\r", 0, block.start)) + 1
        start = line if _MARK.fullmatch(text, line, block.start) else block.start
        rest = _REST.match(text, block.end, ends)
        found.append(Heading(start, rest.end() if rest else block.end, max(block.level, 1), block.text))
    return found


def plain(heading: str) -> str:
    """Return a heading without Markdown's marks for links, emphasis and code, on one line."""
    text = _ATTRIBUTES.sub("", _IMAGE_OR_LINK.sub(r"\1", heading))
    return " ".join(_EMPHASIS.sub(r"\2", text).split())


class Trail:
    """The path of headings at each place of a text, whose headings are given in order."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self._starts: list[int] = [0]
        self._paths: list[tuple[str, ...]] = [()]
        above: list[tuple[int, str]] = []
        for heading in headings:
            while above and above[-1][0] >= heading.level:
                above.pop()
            above.append((heading.level, plain(heading.text)))
            self._starts.append(heading.start)
            self._paths.append(tuple(name for _, name in above))

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
