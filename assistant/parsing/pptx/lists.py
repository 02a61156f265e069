"""Tells which bullet or number stands before a paragraph of a slide, by its own properties or those it inherits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assistant.parsing.numerals import numeral
from assistant.parsing.ooxml.package import attribute, find_child, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element

_BULLETS = frozenset({"buNone", "buChar", "buAutoNum", "buBlip"})
OF_PAGE = frozenset({"dt", "ftr", "sldNum", "hdr"})  # placeholders that are no part of a slide's own text
_NUMERALS = {"alphaLc": "a", "alphaUc": "A", "romanLc": "i", "romanUc": "I"}


class ListMarks:
    """Counts through the paragraphs of one shape; ask for each in its order."""

    def __init__(self, shape: Any) -> None:
        self._styles = list(_styles(shape))
        self._counted: dict[int, tuple[str, int]] = {}

    def mark(self, paragraph: _Element) -> str:
        """Return a paragraph's indentation and its bullet (`- `) or number (`2. `); empty outside lists."""
        properties = find_child(paragraph, "pPr")
        stated = attribute(properties, "lvl") if properties is not None else None
        level = min(int(stated), 8) if stated and stated.isdecimal() and len(stated) < 3 else 0
        bullet = _bullet(properties)
        for style in self._styles:
            if bullet is not None:
                break
            bullet = _bullet(find_child(style, f"lvl{level + 1}pPr"))
        for deeper in [known for known in self._counted if known > level]:
            del self._counted[deeper]
        indent = "  " * level
        if bullet is None or local_name(bullet) != "buAutoNum":
            self._counted.pop(level, None)
            return indent if bullet is None or local_name(bullet) == "buNone" else f"{indent}- "
        kind = attribute(bullet, "type") or "arabicPeriod"
        start = attribute(bullet, "startAt") or "1"
        first = int(start) if start.isdecimal() and len(start) < 6 else 1
        before, number = self._counted.get(level, ("", 0))
        number = number + 1 if before == kind else first
        self._counted[level] = (kind, number)
        written = numeral(number, _NUMERALS.get(kind[:7], "1"))
        if kind.endswith("ParenBoth"):
            return f"{indent}({written}) "
        return f"{indent}{written}{')' if kind.endswith('ParenR') else '.'} "


def _bullet(properties: _Element | None) -> _Element | None:
    if properties is None:
        return None
    return next((child for child in properties if local_name(child) in _BULLETS), None)


def _styles(shape: Any) -> Iterator[_Element]:
    """Yield the list styles that a shape's paragraphs inherit from, the nearest first."""
    kind = ""
    placed = shape
    for _ in range(3):  # on the slide, its layout and its master
        body = find_child(placed._element, "txBody", "lstStyle")
        if body is not None:
            yield body
        kind = kind or placeholder_kind(placed._element)
        placed = _above(placed) if kind else None
        if placed is None:
            break
    if kind and kind not in OF_PAGE:
        style = _master_style(shape, "titleStyle" if kind in {"title", "ctrTitle"} else "bodyStyle")
        if style is not None:
            yield style


def placeholder_kind(element: _Element) -> str:
    """Return the kind of a placeholder as the file states it; empty for other shapes."""
    found = find_child(element, "nvSpPr", "nvPr", "ph")
    return "" if found is None else attribute(found, "type") or "obj"


def _above(shape: Any) -> Any | None:
    """Return the placeholder of the layout or the master that this one takes after, if it is there."""
    try:
        return getattr(shape, "_base_placeholder", None)
    except (KeyError, ValueError, AttributeError):  # a slide without a layout
        return None


def _master_style(shape: Any, name: str) -> _Element | None:
    try:
        master = shape.part.slide_layout.slide_master
    except (KeyError, ValueError, AttributeError):
        return None
    return find_child(master._element, "txStyles", name)
