"""Reads a Word document's styles: which paragraphs are headings, and which belong to which list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING_STYLE = re.compile(r"heading\s*([1-9])\Z", re.IGNORECASE)


def value_of(element: _Element | None) -> str:
    """Return what an element such as `<w:pStyle w:val="Heading1"/>` states."""
    return (attribute(element, "val") or "") if element is not None else ""


def number_of(value: str | None) -> int:
    """Return a small number, 0 for what is none."""
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0


@dataclass(frozen=True, slots=True)
class ListPlace:
    """The list that a paragraph belongs to and its depth there; `level` is None where the list has to say.

    `style` is the style that puts it there, empty where the paragraph itself does.
    """

    number: str
    level: int | None
    style: str = ""


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    outline: int | None
    properties: _Element | None


class Styles:
    """The styles of a document."""

    def __init__(self, root: _Element | None) -> None:
        self._styles: dict[str, _Style] = {}
        self._default = ""
        for element in root if root is not None else ():
            if local_name(element) != "style":
                continue
            identity = attribute(element, "styleId") or ""
            if attribute(element, "type") == "paragraph" and attribute(element, "default") in {"1", "true", "on"}:
                self._default = identity
            properties = find_child(element, "pPr")
            self._styles[identity] = _Style(
                value_of(find_child(element, "name")),
                value_of(find_child(element, "basedOn")),
                _outline_level(properties),
                properties,
            )

    def heading(self, properties: _Element | None) -> tuple[int, bool]:
        """Return a paragraph's depth as a heading (0 for none) and whether it is the document's title."""
        own = _outline_level(properties)
        if own is not None:
            return own, False
        for _, style in self._chain(value_of(find_child(properties, "pStyle"))):
            if style.name.lower() == "title":
                return 1, True
            match = _HEADING_STYLE.match(style.name)
            if match:
                return int(match[1]), False
            if style.outline is not None:
                return style.outline, False
        return 0, False

    def list_place(self, properties: _Element | None) -> ListPlace | None:
        """Return where a paragraph stands in which list, None outside of lists."""
        own = find_child(properties, "numPr")
        number, level = value_of(find_child(own, "numId")), _level(own)
        if number:
            return ListPlace(number, level or 0) if number != "0" else None
        for identity, style in self._chain(value_of(find_child(properties, "pStyle"))):
            stated = find_child(style.properties, "numPr")
            number = value_of(find_child(stated, "numId"))
            if number:
                place = ListPlace(number, level if level is not None else _level(stated), identity)
                return place if number != "0" else None
        return None

    def _chain(self, identity: str) -> Iterator[tuple[str, _Style]]:
        """Yield a style and those it is based on, its own first."""
        identity = identity or self._default
        seen: set[str] = set()
        while identity in self._styles and identity not in seen:
            seen.add(identity)
            yield identity, self._styles[identity]
            identity = self._styles[identity].based_on


def _level(numbering: _Element | None) -> int | None:
    found = find_child(numbering, "ilvl")
    return number_of(value_of(found)) if found is not None else None


def _outline_level(properties: _Element | None) -> int | None:
    """Return the heading depth from 1 that paragraph properties state; 0 where they state body text."""
    element = find_child(properties, "outlineLvl")
    if element is None:
        return None
    level = number_of(value_of(element))
    return level + 1 if level < 9 else 0
