"""Finds the tables and the code in reStructuredText, AsciiDoc and Org, which their paragraphs do not show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant.types import BlockKind

_ASCIIDOC_EDGE = re.compile(r"(?:(-{4,}|\.{4,}|`{3})|([|,:!]={3,}))\Z")
_ORG_BEGIN = re.compile(r"#\+begin_(src|example)\b", re.IGNORECASE)
_GRID_EDGE = re.compile(r"\+(?:[-=]+\+)+\Z")
_SIMPLE_EDGE = re.compile(r"={2,}(?: +={2,})+\Z")
_CODE_DIRECTIVE = re.compile(r"\s*\.\. (?:code-block|code|sourcecode|parsed-literal)::")

_LONGEST = 5000  # lines of a block whose end is looked for


@dataclass(frozen=True, slots=True)
class Region:
    """A table, from its header row on, or code: `text[start:end]`. What is around it to `after` is its marks."""

    kind: BlockKind
    begin: int
    start: int
    end: int
    after: int


Line = tuple[int, str]  # where it begins in the text; without white space at its end
_Found = tuple[BlockKind, int, int, int]  # the first line of the content, the line behind its last and behind all


def regions(text: str, media_type: str) -> Iterator[Region]:
    """Yield the tables and the code of a text, in order.

    Args:
        text: the whole file.
        media_type: `text/x-rst`, `text/x-asciidoc` or `text/x-org`.
    """
    lines: list[Line] = []
    at = 0
    for line in text.splitlines(keepends=True):
        lines.append((at, line.rstrip()))
        at += len(line)
    find = _FINDERS[media_type]
    number = 0
    while number < len(lines):
        found = find(lines, number)
        if found is None:
            number += 1
            continue
        kind, first, last, after = found
        while first < last and not lines[first][1]:
            first += 1
        while first < last and not lines[last - 1][1]:
            last -= 1
        if first < last:
            start = lines[first][0]
            end = lines[last - 1][0] + len(lines[last - 1][1])
            yield Region(kind, lines[number][0], start, end, lines[after][0] if after < len(lines) else len(text))
        number = after


def _asciidoc(lines: Sequence[Line], number: int) -> _Found | None:
    edge = lines[number][1]
    mark = _ASCIIDOC_EDGE.match(edge)
    # A line under a title looks the same: what begins a block stands below a blank line, its name or its attributes.
    above = lines[number - 1][1] if number else ""
    if mark is None or (above and not above.startswith((".", "["))):
        return None
    end = next((n for n in range(number + 1, min(len(lines), number + _LONGEST)) if lines[n][1] == edge), None)
    return None if end is None else ("table" if mark[2] else "code", number + 1, end, end + 1)


def _org(lines: Sequence[Line], number: int) -> _Found | None:
    line = lines[number][1].lstrip()
    if mark := _ORG_BEGIN.match(line):
        close = f"#+end_{mark[1].lower()}"
        inside = range(number + 1, min(len(lines), number + _LONGEST))
        end = next((n for n in inside if lines[n][1].lstrip().lower() == close), None)
        return None if end is None else ("code", number + 1, end, end + 1)
    if not line.startswith("| "):
        return None
    end = _while(lines, number, lambda row: row.lstrip().startswith("|"))
    return ("table", number, end, end) if end > number + 1 else None


def _rst(lines: Sequence[Line], number: int) -> _Found | None:
    line = lines[number][1]
    if _GRID_EDGE.match(line.lstrip()):
        end = _while(lines, number, lambda row: row.lstrip().startswith(("+", "|")))
        return ("table", number + 1, end - 1, end) if _GRID_EDGE.match(lines[end - 1][1].lstrip()) else None
    if _SIMPLE_EDGE.match(line.lstrip()):
        end = _while(lines, number, bool)
        last = next((n for n in range(end - 1, number + 1, -1) if _SIMPLE_EDGE.match(lines[n][1].lstrip())), None)
        return None if last is None else ("table", number + 1, last, last + 1)
    above = lines[number - 1][1] if number else ""
    if _CODE_DIRECTIVE.match(line):
        indent = len(line) - len(line.lstrip())
        first = _while(lines, number + 1, lambda row: not row or row.lstrip().startswith(":"))
    elif not line and above.endswith("::") and not above.lstrip().startswith(".."):
        indent = len(above) - len(above.lstrip())
        first = _while(lines, number, lambda row: not row)
    else:
        return None
    end = _while(lines, first, lambda row: not row or len(row) - len(row.lstrip()) > indent)
    return ("code", first, end, end) if end > first else None


def _while(lines: Sequence[Line], number: int, holds: Callable[[str], bool]) -> int:
    """Return the first line from `number` on for which it does not hold, or the number of lines."""
    return next((n for n in range(number, len(lines)) if not holds(lines[n][1])), len(lines))


_FINDERS: dict[str, Callable[[Sequence[Line], int], _Found | None]] = {
    "text/x-asciidoc": _asciidoc,
    "text/x-org": _org,
    "text/x-rst": _rst,
}
