"""Counts the items of a Word document's lists, and numbers them and its headings as Word shows them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.docx.styles import ListPlace, number_of, value_of
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MAX_DEPTH = 9
_OFF = frozenset({"0", "false", "off"})


@dataclass(frozen=True, slots=True)
class _Level:
    """How a list numbers one depth: `text` is a pattern such as `%1.%2.`; `restarts` says whether shallower items do.

    `bare` is for legal numbering, in which all depths are shown with decimal numbers.
    """

    start: int = 1
    kind: str = "bullet"
    text: str = ""
    restarts: bool = True
    bare: bool = False
    style: str = ""


@dataclass(slots=True)
class _List:
    """A list: `abstract` is what it shares its counters with."""

    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before an item: `text` is its number, `-` for a bullet, empty where nothing is shown."""

    text: str
    level: int


class Numbering:
    """The lists of a document; `mark` counts, so that it is asked once for each item, in their order."""

    def __init__(self, root: _Element | None) -> None:
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._begun: set[str] = set()
        abstract: dict[str, dict[int, _Level]] = {}
        linked: dict[str, str] = {}
        by_style: dict[str, str] = {}
        for element in root if root is not None else ():
            identity = attribute(element, "abstractNumId") or ""
            if local_name(element) == "abstractNum":
                abstract[identity] = _levels(element)
                linked[identity] = value_of(find_child(element, "numStyleLink"))
                by_style[value_of(find_child(element, "styleLink"))] = identity
        for element in root if root is not None else ():
            if local_name(element) == "num":
                identity = value_of(find_child(element, "abstractNumId"))
                if linked.get(identity):
                    identity = by_style.get(linked[identity], identity)
                self._lists[attribute(element, "numId") or ""] = _list(element, identity, abstract.get(identity, {}))

    def mark(self, place: ListPlace) -> Mark:
        """Return what Word shows before the next item at this place."""
        known = self._lists.get(place.number)
        if known is None:
            return Mark("-", min(place.level or 0, _MAX_DEPTH))
        level = place.level
        if level is None:
            level = next((depth for depth, one in known.levels.items() if one.style == place.style), 0)
        level = min(level, _MAX_DEPTH)
        shown = known.levels.get(level, _Level())
        self._count(place.number, known, level)
        if shown.kind == "bullet":
            return Mark("-", level)
        return Mark(self._text(known, shown, level), level)

    def _count(self, number: str, known: _List, level: int) -> None:
        counters = self._counters[known.abstract]
        if number not in self._begun:
            self._begun.add(number)
            for depth in known.starts:
                counters.pop(depth, None)
        for depth in range(level):  # a depth that was left out counts as begun
            counters.setdefault(depth, self._start(known, depth))
        counters[level] = counters[level] + 1 if level in counters else self._start(known, level)
        for deeper in [depth for depth in counters if depth > level]:
            if known.levels.get(deeper, _Level()).restarts:
                del counters[deeper]

    def _start(self, known: _List, level: int) -> int:
        return known.starts.get(level, known.levels.get(level, _Level()).start)

    def _text(self, known: _List, shown: _Level, level: int) -> str:
        counters = self._counters[known.abstract]

        def number(match: re.Match[str]) -> str:
            depth = int(match[1]) - 1
            if depth > level:
                return ""
            kind = known.levels.get(depth, _Level()).kind
            return _formatted(counters.get(depth, 1), "decimal" if shown.bare or kind == "bullet" else kind)

        return " ".join(clean(_PLACE.sub(number, shown.text)).split()) if shown.kind != "none" else ""


def _levels(parent: _Element) -> dict[int, _Level]:
    return {number_of(attribute(child, "ilvl")): _level(child) for child in parent if local_name(child) == "lvl"}


def _level(element: _Element) -> _Level:
    start, bare = find_child(element, "start"), find_child(element, "isLgl")
    return _Level(
        start=number_of(value_of(start)) if start is not None else 0,
        kind=value_of(find_child(element, "numFmt")) or "decimal",
        text=value_of(find_child(element, "lvlText")),
        restarts=value_of(find_child(element, "lvlRestart")) != "0",
        bare=bare is not None and value_of(bare) not in _OFF,
        style=value_of(find_child(element, "pStyle")),
    )


def _list(element: _Element, abstract: str, levels: dict[int, _Level]) -> _List:
    """Return a list with what it does in its own way."""
    known = _List(abstract, dict(levels), {})
    for child in element:
        if local_name(child) != "lvlOverride":
            continue
        depth = number_of(attribute(child, "ilvl"))
        own, start = find_child(child, "lvl"), find_child(child, "startOverride")
        if own is not None:
            known.levels[depth] = _level(own)
        if start is not None:
            known.starts[depth] = number_of(value_of(start))
    return known


def _formatted(number: int, kind: str) -> str:
    if kind in {"lowerLetter", "upperLetter"} and number > 0:
        letters = chr(ord("a") + (number - 1) % 26) * min((number - 1) // 26 + 1, 9)
        return letters if kind == "lowerLetter" else letters.upper()
    if kind in {"lowerRoman", "upperRoman"} and 0 < number < 4000:
        return roman(number) if kind == "lowerRoman" else roman(number).upper()
    if kind == "decimalZero":
        return f"{number:02d}"
    return "" if kind == "none" else str(number)


def roman(number: int) -> str:
    """Return a number from 1 to 3,999 in Roman letters, in lower case."""
    written = ""
    for value, letters in _ROMAN:
        written += letters * (number // value)
        number %= value
    return written
