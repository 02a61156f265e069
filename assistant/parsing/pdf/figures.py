"""Finds charts and drawings that a PDF's page draws with paths, by what they are drawn of and what stands beside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from assistant.parsing.pdf.paths import Drawn
from assistant.parsing.pdf.places import Rectangle

_NEAR = 6.0  # points between the parts of one figure
_MIN_WIDTH, _MIN_HEIGHT = 80.0, 60.0  # points; smaller ones are icons, and words whose letters are drawn
_MOST = 0.85  # of the page: what lies under all of it is its background
_LARGE = 30.0  # points that a curve of a chart measures both ways
_VISIBLE = 5.0  # points of the smallest part that counts
_MIN_SHAPES = 6  # of a drawing
_MIN_BESIDE = 3  # rules, boxes or shapes beside a large shape
_MIN_BARS = 3  # of different length, on one line
_MAX_BARS = 120  # on a page: more boxes are the cells of tables
_EDGE = 3.0  # points: what reaches the page's edges is its decoration
_WIDE = 0.8  # of the page: a rule of this width parts its text
_LABEL = 1.5  # of a line's height, between a figure and the words that belong to it
_ASIDE = 90.0  # points that labels reach to the sides of what they are beside
_PROSE = 70  # characters of a line that is no label
_LONG, _FULL = 40, 0.6  # characters and the share of a figure's width from which on a line in it is prose
_MAX_PROSE = 5  # lines in a figure
_GRID = 3.0  # points by which the ends of a chart's grid lines differ
_BANNER = 0.6, 0.15, 0.25  # of the page: from which width on, to which height and where a figure is a banner
_MAX_ITEMS = 3000
_MAX_FIGURES = 20
Lines = Callable[[], Iterable[tuple[Rectangle, str]]]


def figures(drawing: Drawn, size: tuple[float, float], lines: Lines) -> list[Rectangle]:
    """Return where figures stand, with the words beside them that are labels.

    A figure is a large curve or slanted line among rules, bars of different length on one line, or a drawing of many
    shapes. Rules and boxes alone are tables, and what reaches the edge of the page is its decoration.

    Args:
        drawing: what the page draws.
        size: the page's width and height.
        lines: gives the places of the page's lines and the lines, asked for where figures may be.
    """
    shapes = [place for place, _ in drawing.shapes if not _at_edge(place, size)]
    bars = _bars(drawing.boxes) if len(drawing.boxes) <= _MAX_BARS else []
    if not bars and not any(_is_large(place) for place in shapes) and len(shapes) < _MIN_SHAPES:
        return []
    rules = [
        (rule.first, rule.at, rule.last, rule.at) for rule in drawing.across if rule.last - rule.first < _WIDE * size[0]
    ]
    rules += [(rule.at, rule.first, rule.at, rule.last) for rule in drawing.down]
    boxes = [box for box in drawing.boxes if not _at_edge(box, size)]
    items = [*shapes, *bars, *boxes, *rules]
    found: list[Rectangle] = []
    for place, members in _groups(items[:_MAX_ITEMS]):
        within = [number for number in members if number < len(shapes)]
        large = sum(_is_large(items[number]) for number in within)
        visible = sum(_side(items[number]) >= _VISIBLE for number in within)
        barred = sum(len(shapes) <= number < len(shapes) + len(bars) for number in members)
        if visible >= _MIN_SHAPES or barred >= _MIN_BARS or (large and len(members) > _MIN_BESIDE):
            found.append(place)
    if not found:
        return []
    known = list(lines())
    labelled = [_labelled(_with_grid(place, rules), known) for place in found if _fits(place, size)]
    apart = [_within(place, size) for place, _ in _groups(labelled, 0.0)]
    return [place for place in apart if _fits(place, size) and not _is_prose(place, known)][:_MAX_FIGURES]


def _fits(place: Rectangle, size: tuple[float, float]) -> bool:
    width, height = place[2] - place[0], place[3] - place[1]
    if width < _MIN_WIDTH or height < _MIN_HEIGHT or width * height > _MOST * size[0] * size[1]:
        return False
    wide, low, end = _BANNER
    at_end = place[3] < end * size[1] or place[1] > (1 - end) * size[1]
    return not (at_end and width > wide * size[0] and height < low * size[1])


def _within(place: Rectangle, size: tuple[float, float]) -> Rectangle:
    return max(place[0], 0.0), max(place[1], 0.0), min(place[2], size[0]), min(place[3], size[1])


def _side(place: Rectangle) -> float:
    return max(place[2] - place[0], place[3] - place[1])


def _is_large(place: Rectangle) -> bool:
    return min(place[2] - place[0], place[3] - place[1]) >= _LARGE


def _at_edge(place: Rectangle, size: tuple[float, float]) -> bool:
    return place[0] < _EDGE or place[1] < _EDGE or place[2] > size[0] - _EDGE or place[3] > size[1] - _EDGE


def _bars(boxes: Sequence[Rectangle]) -> list[Rectangle]:
    """Return the boxes that begin on one line, are as thick as one another, and differ in length.

    The filled cells of a table are such, too, but another cell follows where one ends.
    """
    found: dict[Rectangle, None] = {}
    for across, first, last, end in ((0, 1, 3, 2), (1, 0, 2, 3)):
        for base, free in ((first, last), (last, first)):
            rows: dict[tuple[int, int], list[Rectangle]] = defaultdict(list)
            for box in boxes:
                rows[round(box[base] / 2), round((box[end] - box[across]) / 2)].append(box)
            begins: dict[int, list[Rectangle]] = defaultdict(list)
            for box in boxes:
                begins[round(box[base] / 4)].append(box)
            for row in rows.values():
                if len(row) < _MIN_BARS or len({round(box[last] - box[first]) for box in row}) < _MIN_BARS:
                    continue
                if len(row) == len({round(box[across]) for box in row}) and not any(
                    _goes_on(box, other, across, end, base, free)
                    for box in row
                    for near in (-1, 0, 1)
                    for other in begins[round(box[free] / 4) + near]
                ):
                    found |= dict.fromkeys(row)
    return list(found)


def _goes_on(box: Rectangle, other: Rectangle, across: int, end: int, base: int, free: int) -> bool:
    """Whether another box begins where a box ends."""
    return abs(other[base] - box[free]) < _EDGE and min(other[end], box[end]) - max(other[across], box[across]) > _EDGE


def _groups(items: Sequence[Rectangle], near: float = _NEAR) -> list[tuple[Rectangle, list[int]]]:
    """Return the places of the items that stand near one another, with the numbers of the items."""
    groups: list[tuple[Rectangle, list[int]]] = []
    for number, item in enumerate(items):
        place, members = item, [number]
        while touching := [group for group in groups if _meet(group[0], place, near)]:
            for group in touching:
                groups.remove(group)
                members = [*group[1], *members]
                place = _around(place, group[0])
        groups.append((place, members))
    return groups


def _meet(one: Rectangle, other: Rectangle, near: float) -> bool:
    return (
        one[0] <= other[2] + near
        and other[0] <= one[2] + near
        and one[1] <= other[3] + near
        and other[1] <= one[3] + near
    )


def _around(one: Rectangle, other: Rectangle) -> Rectangle:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _with_grid(place: Rectangle, rules: Sequence[Rectangle]) -> Rectangle:
    """Return a figure's place with the further lines of its grid: those that begin and end where one in it does."""
    found = place
    for low, high in ((0, 2), (1, 3)):
        inside = [rule for rule in rules if rule[high] > rule[low] and _meet(rule, place, 0.0)]
        spans = {(round(rule[low]), round(rule[high])) for rule in inside if _is_long(rule, place, low, high)}
        for rule in rules:
            if any(abs(rule[low] - first) < _GRID and abs(rule[high] - last) < _GRID for first, last in spans):
                found = _around(found, rule)
    return found


def _is_long(rule: Rectangle, place: Rectangle, low: int, high: int) -> bool:
    return rule[high] - rule[low] >= _FULL * (place[high] - place[low])


def _labelled(place: Rectangle, lines: Sequence[tuple[Rectangle, str]]) -> Rectangle:
    """Return a figure's place with the labels beside it: short lines, and no wider than it."""
    found = place
    for _ in range(2):  # the axis, and what stands beside it
        before = found
        for line, text in lines:
            beside = line[0] > place[0] - _ASIDE and line[2] < place[2] + _ASIDE
            near = _meet(line, before, _LABEL * min(line[3] - line[1], line[2] - line[0]))
            if beside and near and len(text) < _PROSE and line[2] - line[0] <= 1.1 * (before[2] - before[0]):
                margin = (line[3] - line[1]) / 3  # the first and the last letter may be small ones
                found = _around(found, (line[0] - margin, line[1] - margin, line[2] + margin, line[3] + margin))
    return found


def _is_prose(place: Rectangle, lines: Sequence[tuple[Rectangle, str]]) -> bool:
    """Whether a figure holds so many long lines that it is text with ornaments."""
    wide = _FULL * (place[2] - place[0])
    long = [text for line, text in lines if _meet(line, place, 0.0) and min(line[2], place[2]) - line[0] >= wide]
    return sum(len(text) >= _LONG for text in long) > _MAX_PROSE
