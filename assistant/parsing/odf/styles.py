"""Knows an OpenDocument file's styles: which paragraphs are titles, and what stands before the items of lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.parsing.numerals import numeral
from assistant.parsing.ooxml.package import attribute, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_LEVEL = 10
_BULLET = "-"


@dataclass(frozen=True, slots=True)
class _Level:
    """What stands before the items of one level: a number like `like`, a bullet, or nothing where that is empty."""

    like: str
    prefix: str
    suffix: str
    start: int


class OdfStyles:
    """The styles of the parts `roots`; where several are of one name the last counts."""

    def __init__(self, *roots: _Element | None) -> None:
        self._parents: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._levels: dict[tuple[str, int], _Level] = {}
        for root in roots:
            for element in root.iter() if root is not None else ():
                name = local_name(element)
                if name == "style":
                    own = attribute(element, "name") or ""
                    self._parents[own] = attribute(element, "parent-style-name") or ""
                    self._lists[own] = attribute(element, "list-style-name") or ""
                elif name == "list-style":
                    self._read_list(element, attribute(element, "name") or "")

    def _read_list(self, element: _Element, name: str) -> None:
        for child in element:
            level = whole(attribute(child, "level"), 0)
            if 0 < level <= _MAX_LEVEL:
                numbered = local_name(child) == "list-level-style-number"
                like = (attribute(child, "num-format") or "").strip() if numbered else _BULLET
                prefix, suffix = attribute(child, "num-prefix") or "", attribute(child, "num-suffix") or ""
                start = whole(attribute(child, "start-value"), 1)
                self._levels[name, level] = _Level(like[:1], prefix[:3].strip(), suffix[:3].strip(), start)

    def is_title(self, style: str | None) -> bool:
        """Whether a paragraph of this style is the document's title."""
        seen: set[str] = set()
        name = style or ""
        while name and name not in seen:
            if name == "Title":
                return True
            seen.add(name)
            name = self._parents.get(name, "")
        return False

    def list_style(self, paragraph: str | None) -> str:
        """Return the list style that a paragraph style brings with it, if any."""
        return self._lists.get(paragraph or "", "")

    def start(self, style: str, level: int) -> int:
        """Return the number of the first item of a list."""
        known = self._levels.get((style, level))
        return known.start if known is not None else 1

    def mark(self, style: str, level: int, number: int) -> str:
        """Return what stands before item `number` of a list with a space at its end: `3. `, `- `, or nothing."""
        known = self._levels.get((style, level))
        if known is None or known.like == _BULLET:
            return "- "
        if not known.like:
            return ""
        return f"{known.prefix}{numeral(number, known.like)}{known.suffix or '.'} "


def whole(value: str | None, default: int) -> int:
    """Return the number that an attribute states, or `default` where it is none that makes sense."""
    return int(value) if value and value.isdecimal() and len(value) < 9 else default
