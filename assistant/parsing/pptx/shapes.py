"""Walks the shapes of a slide, those in groups included, with the rectangle of the slide that each takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.parsing.ooxml.package import attribute, find_child, local_name
from assistant.types import Box

if TYPE_CHECKING:
    from lxml.etree import _Element

_EMU = 12_700  # a point
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape and where it stands on its slide, where the file says so."""

    shape: Any
    box: Box | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """How the coordinates of a group's shapes lead to those of the slide, along one axis."""

    origin: float = 0.0
    scale: float = 1.0

    def inner(self, offset: int, extent: int, child_offset: int, child_extent: int) -> _Frame:
        """Return the frame of a group within this one."""
        scale = extent / child_extent if child_extent else 1.0
        return _Frame(self.origin + self.scale * (offset - scale * child_offset), self.scale * scale)


def placed_shapes(shapes: Any, page: int) -> Iterator[Placed]:
    """Yield the shapes on slide `page` in their order."""
    yield from _walk(shapes, page, _Frame(), _Frame(), 0)


def _walk(shapes: Any, page: int, across: _Frame, down: _Frame, depth: int) -> Iterator[Placed]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            if depth < _MAX_DEPTH:
                yield from _walk(shape.shapes, page, *_within(shape, across, down), depth + 1)
        else:
            yield Placed(shape, _box(shape, page, across, down))


def _within(group: Any, across: _Frame, down: _Frame) -> tuple[_Frame, _Frame]:
    stated = find_child(group._element, "grpSpPr", "xfrm")
    values: dict[str, int] = {}
    for child in stated if stated is not None else ():
        for name in ("x", "y", "cx", "cy"):
            value = attribute(child, name) or ""
            if value.lstrip("-").isdecimal():
                values[f"{local_name(child)}.{name}"] = int(value)
    if len(values) != 8:
        return across, down
    return (
        across.inner(values["off.x"], values["ext.cx"], values["chOff.x"], values["chExt.cx"]),
        down.inner(values["off.y"], values["ext.cy"], values["chOff.y"], values["chExt.cy"]),
    )


def _box(shape: Any, page: int, across: _Frame, down: _Frame) -> Box | None:
    try:
        left, top, width, height = shape.left, shape.top, shape.width, shape.height
    except (KeyError, ValueError, AttributeError):  # a placeholder whose layout is missing
        return None
    if None in {left, top, width, height} or width <= 0 or height <= 0:
        return None
    x = [round((across.origin + across.scale * value) / _EMU, 2) for value in (left, left + width)]
    y = [round((down.origin + down.scale * value) / _EMU, 2) for value in (top, top + height)]
    return Box(page, min(x), min(y), max(x), max(y))


def unwrap_alternatives(slide: _Element) -> None:
    """Put the newest form of each shape that a slide states in several ways where the library looks for it."""
    for element in [one for one in slide.iter() if local_name(one) == "AlternateContent"]:
        parent = element.getparent()
        if parent is None or local_name(parent) not in {"spTree", "grpSp"}:
            continue
        chosen = next((child for child in element if local_name(child) == "Choice" and len(child)), None)
        if chosen is None:
            chosen = find_child(element, "Fallback")
        if chosen is not None:
            at = parent.index(element)
            parent[at : at + 1] = list(chosen)
