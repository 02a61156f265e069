"""Reads what a PDF's page draws with lines: rules, boxes, and shapes that are neither."""

from __future__ import annotations

import ctypes
import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from assistant.parsing.pdf.file import Affine, to_top_left, transformed
from assistant.parsing.pdf.places import Rectangle

_THIN = 2.5  # points: what is thinner is a rule
_SHORT = 3.0  # points: a shorter rule is a dot
_STRAIGHT = 0.3  # points that a straight line's ends may differ
_MAX_OBJECTS = 1500  # on a page: a file that writes each word for itself draws tables of numbers without rules
_MAX_SEGMENTS = 5000  # on a page
_MAX_DEPTH = 4
_FORM, _PATH = 5, 2
_BEZIER, _MOVE = 1, 2


class Rule(NamedTuple):
    """A straight line along the page's edges: where it stands, and from where to where it goes."""

    at: float
    first: float
    last: float


@dataclass(slots=True)
class Drawn:
    """What a page draws, from its top left in points.

    `across` and `down` are rules. `boxes` are rectangles, filled or with an edge. `shapes` have slanted lines or
    curves, each with the number of its points.
    """

    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)
    boxes: list[Rectangle] = field(default_factory=list)
    shapes: list[tuple[Rectangle, int]] = field(default_factory=list)
    _segments: int = 0

    def __bool__(self) -> bool:
        return bool(self.across or self.down or self.boxes or self.shapes)


def drawn(page: Any) -> Drawn:
    """Return what a `PdfPage` draws with lines; nothing for a page of too many objects."""
    from pypdfium2 import raw

    found = Drawn()
    count = raw.FPDFPage_CountObjects(page.raw)
    if not 0 < count <= _MAX_OBJECTS:
        return found
    calls = _calls()
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value
    affine = to_top_left(page)
    for entry, placed in _paths(calls, calls.page_object, handle, count, affine, 0):
        _read(calls, entry, placed, found)
    return found


@dataclass(frozen=True, slots=True)
class _Calls:
    """PDFium's functions without the wrapping of every handle, which costs more than the functions themselves."""

    page_object: Any
    kind: Any
    bounds: Any
    mode: Any
    matrix: Any
    fill: Any
    stroke: Any
    segments: Any
    segment: Any
    segment_kind: Any
    point: Any
    form_count: Any
    form_object: Any


@functools.cache
def _calls() -> _Calls:
    from pypdfium2 import raw

    handle, whole = ctypes.c_void_p, ctypes.c_int

    def plain(name: str, result: Any, *arguments: Any) -> Any:
        address = ctypes.cast(getattr(raw, name), ctypes.c_void_p).value or 0
        return ctypes.CFUNCTYPE(result, *arguments)(address)

    return _Calls(
        page_object=plain("FPDFPage_GetObject", handle, handle, whole),
        kind=plain("FPDFPageObj_GetType", whole, handle),
        bounds=plain("FPDFPageObj_GetBounds", whole, handle, *[handle] * 4),
        mode=plain("FPDFPath_GetDrawMode", whole, handle, handle, handle),
        matrix=plain("FPDFPageObj_GetMatrix", whole, handle, handle),
        fill=plain("FPDFPageObj_GetFillColor", whole, handle, *[handle] * 4),
        stroke=plain("FPDFPageObj_GetStrokeColor", whole, handle, *[handle] * 4),
        segments=plain("FPDFPath_CountSegments", whole, handle),
        segment=plain("FPDFPath_GetPathSegment", handle, handle, whole),
        segment_kind=plain("FPDFPathSegment_GetType", whole, handle),
        point=plain("FPDFPathSegment_GetPoint", whole, handle, handle, handle),
        form_count=plain("FPDFFormObj_CountObjects", whole, handle),
        form_object=plain("FPDFFormObj_GetObject", handle, handle, ctypes.c_ulong),
    )


def _paths(
    calls: _Calls, get: Any, handle: int | None, count: int, affine: Affine, depth: int
) -> Iterator[tuple[int, Affine]]:
    """Yield the paths of a page or a form, also those in forms in it, with what brings them to the page's top left."""
    entries = list(map(get, itertools.repeat(handle, count), range(count)))
    for entry, kind in zip(entries, map(calls.kind, entries), strict=True):
        if kind == _PATH:
            yield entry, affine
        elif kind == _FORM and depth < _MAX_DEPTH:
            inner = calls.form_count(entry)
            if 0 < inner <= _MAX_OBJECTS:
                placed = _composed(affine, _matrix(calls, entry))
                yield from _paths(calls, calls.form_object, entry, inner, placed, depth + 1)


_FLOATS = (ctypes.c_float * 6)()
_WHOLES = (ctypes.c_uint * 4)()
_AT, _WHOLE_AT = ctypes.addressof(_FLOATS), ctypes.addressof(_WHOLES)


def _matrix(calls: _Calls, entry: int) -> Affine:
    if not calls.matrix(entry, _AT):
        return 1.0, 0.0, 0.0, 1.0, 0.0, 0.0
    a, b, c, d, e, f = _FLOATS
    return a, b, c, d, e, f


def _composed(outer: Affine, inner: Affine) -> Affine:
    """Return the transformation by `inner` and then by `outer`."""
    a, b, c, d, e, f = inner
    one, two, three, four, five, six = outer
    return (
        one * a + three * b, two * a + four * b,
        one * c + three * d, two * c + four * d,
        one * e + three * f + five, two * e + four * f + six,
    )  # fmt: skip


def _read(calls: _Calls, entry: int, affine: Affine, found: Drawn) -> None:
    """Add a path to what was found, unless it is not painted."""
    if not calls.bounds(entry, _AT, _AT + 4, _AT + 8, _AT + 12):
        return
    left, bottom, right, top, _, _ = _FLOATS
    a, b, c, d, e, f = affine
    if b == 0 == c and a > 0 > d:  # asked for hundreds of times a page
        place = a * left + e, d * top + f, a * right + e, d * bottom + f
    else:
        place = transformed(affine, (left, bottom, right, top))
    if _rule(place, found):
        return
    calls.mode(entry, _WHOLE_AT, _WHOLE_AT + 4)
    filled, stroked = bool(_WHOLES[0]), bool(_WHOLES[1])
    if not filled and not (stroked and _seen(calls.stroke, entry)):
        return
    count = calls.segments(entry)
    if count in {4, 5} and _upright(calls, entry):
        found.boxes.append(place)
        return
    if filled and not stroked and not _seen(calls.fill, entry):
        return
    found._segments += count
    if found._segments > _MAX_SEGMENTS:
        found.shapes.append((place, count))
        return
    parts = _straight(calls, entry, count, _composed(affine, _matrix(calls, entry)))
    if parts is None:
        found.shapes.append((place, count))
    for points in parts or ():
        _add_part(points, filled, found)


def _rule(place: Rectangle, found: Drawn) -> bool:
    """Add a place as a rule if it is as thin as one; return whether it is."""
    left, top, right, bottom = place
    if bottom - top <= _THIN and right - left > bottom - top:
        if right - left >= _SHORT:
            found.across.append(Rule((top + bottom) / 2, left, right))
        return True
    if right - left <= _THIN:
        if bottom - top >= _SHORT:
            found.down.append(Rule((left + right) / 2, top, bottom))
        return True
    return False


def _seen(color: Any, entry: int) -> bool:
    """Whether a path's paint is not wholly transparent."""
    return not color(entry, *(_WHOLE_AT + 4 * at for at in range(4))) or bool(_WHOLES[3])


def _upright(calls: _Calls, entry: int) -> bool:
    """Whether a path of four or five points begins as a rectangle along the page's edges does."""
    points: list[tuple[float, float]] = []
    for number in range(3):
        segment = calls.segment(entry, number)
        if number and calls.segment_kind(segment) == _BEZIER:
            return False
        calls.point(segment, _AT, _AT + 4)
        points.append((_FLOATS[0], _FLOATS[1]))
    (x, y), (x1, y1), (x2, y2) = points
    return (abs(x - x1) < _STRAIGHT and abs(y1 - y2) < _STRAIGHT) or (
        abs(y - y1) < _STRAIGHT and abs(x1 - x2) < _STRAIGHT
    )


def _straight(calls: _Calls, entry: int, count: int, affine: Affine) -> list[list[tuple[float, float]]] | None:
    """Return the parts of a path of lines along the page's edges, None if it has other ones."""
    a, b, c, d, e, f = affine
    parts: list[list[tuple[float, float]]] = []
    for number in range(count):
        segment = calls.segment(entry, number)
        kind = calls.segment_kind(segment)
        if kind == _BEZIER:
            return None
        calls.point(segment, _AT, _AT + 4)
        x, y = _FLOATS[0], _FLOATS[1]
        point = a * x + c * y + e, b * x + d * y + f
        if kind == _MOVE or not parts:
            parts.append([point])
            continue
        before = parts[-1][-1]
        if abs(point[0] - before[0]) > _STRAIGHT and abs(point[1] - before[1]) > _STRAIGHT:
            return None
        parts[-1].append(point)
    return parts


def _add_part(points: list[tuple[float, float]], filled: bool, found: Drawn) -> None:
    """Add a part of a path of straight lines: a filled one is a box or a thin one a rule, a drawn one rules."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    place = min(xs), min(ys), max(xs), max(ys)
    if len(points) < 2 or _rule(place, found):
        return
    if len(points) in {4, 5} and len({round(x) for x in xs}) == 2 and len({round(y) for y in ys}) == 2:
        found.boxes.append(place)
    elif filled:
        found.shapes.append((place, len(points)))
    else:
        for (x, y), (x1, y1) in itertools.pairwise(points):
            _rule((min(x, x1), min(y, y1), max(x, x1), max(y, y1)), found)
