"""Shows marked-up text as it is read, and knows for each character where it stands in the text itself."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass

# What a reader does not see: targets of links and pictures, tags, emphasis, list marks, the bars of tables.
_HIDDEN = re.compile(
    r"""
      !\[[^\]\n]{0,300}\]\([^)\n]{0,1000}\)                      # a picture
    | (?<=\])\((?:[^()\n]|\([^()\n]*\)){0,1000}\)                # a link's target
    | \]\[[^\]\n]{0,200}\](?=[^\[(]|$)                           # or its reference
    | </?[A-Za-z!][^>\n]{0,300}>
    | \{%.{0,300}?%\} | \{\{.{0,300}?\}\}
    | ^[ \t]*(?:(?:[-*+\u2022]|\#{1,6}|>)[ \t]+)+
    | \*{1,3} | (?<!\w)_{1,3}(?=\S) | (?<=\S)_{1,3}(?!\w) | `+
    | [\[\]|]
    """,
    re.VERBOSE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Plain:
    """The text as it is read; `places[i]` is where its character `i` stands in the marked-up one."""

    text: str
    places: array[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the marked-up characters behind `start` to `end` of the text; it must not be empty."""
        return self.places[start], self.places[end - 1] + 1

    def at(self, place: int) -> int:
        """Return the first character of the text that stands at `place` of the marked-up one, or behind it."""
        return bisect_left(self.places, place)


def plain(text: str, offset: int = 0) -> Plain:
    """Return the text without its markup; `offset` is added to every place."""
    parts: list[str] = []
    places = array("q")
    done = 0
    for match in _HIDDEN.finditer(text):
        parts.append(text[done : match.start()])
        places.extend(range(offset + done, offset + match.start()))
        done = match.end()
    parts.append(text[done:])
    places.extend(range(offset + done, offset + len(text)))
    return Plain("".join(parts), places)


def said(text: str) -> str:
    """Return what a piece of text says: without its markup, blanks collapsed."""
    return " ".join(plain(text).text.split())
