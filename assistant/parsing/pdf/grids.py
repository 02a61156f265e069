"""Finds grids among the rules and boxes that a page draws: their rows, columns and cells."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.parsing.pdf.paths import Drawn, Rule
from assistant.parsing.pdf.places import Rectangle

_SAME = 2.0  # points that rules of one line may be off it
_TOUCH = 3.5  # points between a rule's end and the rule that it meets, as some writers leave
_COVERED = 0.7  # of the side between two cells, that a rule parts
_BACKGROUND = 0.8  # of the page: a box of this size lies under everything
_MAX_RULES = 3000
_MAX_SIDES = 60, 400  # columns and rows


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell over the columns and rows from `left` and `top` to `right` and `bottom` (exclusive)."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's lines: `xs` and `ys` are where its columns and rows begin and end."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    cells: tuple[GridCell, ...]

    @property
    def place(self) -> Rectangle:
        """Where it stands."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


def grids(drawing: Drawn, size: tuple[float, float], filled: bool = True) -> list[Grid]:
    """Return the grids of at least two columns and two rows whose cells are all rectangles, from the top.

    Args:
        drawing: what the page draws.
        size: the page's.
        filled: whether the edges of filled boxes are lines.
    """
    across, down = list(drawing.across), list(drawing.down)
    for left, top, right, bottom in drawing.boxes if filled else ():
        if (right - left) * (bottom - top) < _BACKGROUND * size[0] * size[1]:
            across += [Rule(top, left, right), Rule(bottom, left, right)]
            down += [Rule(left, top, bottom), Rule(right, top, bottom)]
    if len(down) < 1 or len(across) < 2 or len(across) + len(down) > _MAX_RULES:
        return []
    across, down = _merged(across), _merged(down)
    found = [_grid(*group) for group in _groups(across, down)]
    return sorted((grid for grid in found if grid is not None), key=lambda grid: grid.ys[0])


def _merged(rules: Iterable[Rule]) -> list[Rule]:
    """Return the rules with those that go on in one line joined."""
    lines: list[list[Rule]] = []
    for rule in sorted(rules):
        if lines and rule.at - lines[-1][0].at <= _SAME:
            lines[-1].append(rule)
        else:
            lines.append([rule])
    found: list[Rule] = []
    for line in lines:
        at = sum(rule.at for rule in line) / len(line)
        first = last = None
        for rule in sorted(line, key=lambda rule: rule.first):
            if last is not None and rule.first - last <= _TOUCH:
                last = max(last, rule.last)
                continue
            if first is not None and last is not None:
                found.append(Rule(at, first, last))
            first, last = rule.first, rule.last
        if first is not None and last is not None:
            found.append(Rule(at, first, last))
    return found


def _groups(across: Sequence[Rule], down: Sequence[Rule]) -> list[tuple[list[Rule], list[Rule]]]:
    """Return the rules that hang together; those that meet no other are left out."""
    parents = list(range(len(across) + len(down)))
    heights = [rule.at for rule in across]  # in order, as they were merged

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for number, rule in enumerate(down, start=len(across)):
        left, right = rule.at - _TOUCH, rule.at + _TOUCH
        for other in range(bisect_left(heights, rule.first - _TOUCH), bisect_right(heights, rule.last + _TOUCH)):
            line = across[other]
            if line.first <= right and line.last >= left:
                parents[root(other)] = root(number)
    groups: dict[int, tuple[list[Rule], list[Rule]]] = defaultdict(lambda: ([], []))
    for number, rule in enumerate([*across, *down]):
        groups[root(number)][number >= len(across)].append(rule)
    return [group for group in groups.values() if len(group[0]) >= 2 and group[1]]


def _sides(rules: Sequence[Rule], others: Sequence[Rule]) -> list[float]:
    """Return where columns (or rows) begin and end: at the rules, and where most of those across begin and end."""
    at = sorted({rule.at for rule in rules})
    first, last = min(rule.first for rule in others), max(rule.last for rule in others)
    for edge, ends in ((first, [rule.first for rule in others]), (last, [rule.last for rule in others])):
        agreed = sum(abs(end - edge) <= _TOUCH for end in ends)
        if agreed >= 2 and all(abs(edge - side) > 2 * _TOUCH for side in at):
            at.append(edge)
    found: list[float] = []
    for side in sorted(at):
        if found and side - found[-1] <= _TOUCH:
            found[-1] = (found[-1] + side) / 2
        else:
            found.append(side)
    return found


def _grid(across: Sequence[Rule], down: Sequence[Rule]) -> Grid | None:
    """Return the grid of rules that hang together, None if they are none."""
    xs, ys = _sides(down, across), _sides(across, down)
    columns, rows = len(xs) - 1, len(ys) - 1
    if not (2 <= columns <= _MAX_SIDES[0] and 2 <= rows <= _MAX_SIDES[1]):
        return None
    upright, level = _by_side(down, xs), _by_side(across, ys)
    parents = list(range(columns * rows))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = number = parents[parents[number]]
        return number

    for row, column in itertools.product(range(rows), range(columns)):
        number = row * columns + column
        if column + 1 < columns and not _parted(upright[column + 1], ys[row], ys[row + 1]):
            parents[root(number + 1)] = root(number)
        if row + 1 < rows and not _parted(level[row + 1], xs[column], xs[column + 1]):
            parents[root(number + columns)] = root(number)
    members: dict[int, list[int]] = defaultdict(list)
    for number in range(columns * rows):
        members[root(number)].append(number)
    cells = [_cell(numbers, columns) for numbers in members.values()]
    if any(cell is None for cell in cells):
        return None
    known = sorted((cell for cell in cells if cell is not None), key=lambda cell: (cell.top, cell.left))
    return Grid(tuple(xs), tuple(ys), tuple(known))


def _by_side(rules: Sequence[Rule], sides: Sequence[float]) -> list[list[Rule]]:
    """Return the rules that stand at each of the sides."""
    found: list[list[Rule]] = [[] for _ in sides]
    for rule in rules:
        near = min(range(len(sides)), key=lambda number: abs(sides[number] - rule.at))
        if abs(sides[near] - rule.at) <= _TOUCH:
            found[near].append(rule)
    return found


def _parted(rules: Sequence[Rule], first: float, last: float) -> bool:
    covered = sum(max(0.0, min(rule.last, last) - max(rule.first, first)) for rule in rules)
    return covered >= _COVERED * (last - first)


def _cell(numbers: Sequence[int], columns: int) -> GridCell | None:
    """Return the cell of the places that no rule parts, None if they are no rectangle."""
    across, down = [number % columns for number in numbers], [number // columns for number in numbers]
    left, right, top, bottom = min(across), max(across) + 1, min(down), max(down) + 1
    return GridCell(left, top, right, bottom) if len(numbers) == (right - left) * (bottom - top) else None
