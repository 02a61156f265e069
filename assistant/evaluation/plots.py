"""Small plots as SVG that stands in an HTML page: no script, no font and no colour of their own, all text escaped.

Colours are the page's CSS variables (`--ink`, `--soft`, `--line`, and `--c0` on, one a run), so that a plot follows the
theme. A plot is drawn 360 units wide, about the width of a phone, so that its letters stay readable there.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence

WIDTH = 360
COLOURS = 6
_LABELS = 112  # units for names at the left
_VALUES = 46  # and for figures at the right
_ROW = 18
_HEIGHT = 96  # of a histogram's bars
_ALONE = {
    "ink": "#777", "soft": "#888", "line": "#8884", "c0": "#1f77b4", "c1": "#d9730d", "c2": "#2a9d5c", "c3": "#c0395a",
    "c4": "#8a63c9", "c5": "#8c6d31",
}  # fmt: skip

# Neither shown nor harmless: controls, and signs that turn the direction of writing around.
_UNSHOWN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape(text: object) -> str:
    """Return text as it may stand in HTML and SVG, in attributes too."""
    return html.escape(_UNSHOWN.sub("\ufffd", str(text)), quote=True)


def bars(rows: Sequence[tuple[str, Sequence[float | None]]], runs: Sequence[int]) -> str:
    """Return horizontal bars: for each name one bar a run, with its figure.

    Args:
        rows: name and values from 0 to 1, of every run in the same order; None is said to be missing.
        runs: their numbers, which give the colours.
    """
    room = WIDTH - _LABELS - _VALUES
    parts: list[str] = []
    top = 4.0
    for name, values in rows:
        parts.append(_text(_LABELS - 8, top + 12, name, "end"))
        for number, value in zip(runs, values, strict=True):
            if value is None:
                parts.append(_text(_LABELS, top + 12, "no score", "start", "soft"))
            else:
                length = max(1.0, room * min(value, 1.0)) if value > 0 else 0.0
                parts.append(_rectangle(_LABELS, top, length, _ROW - 4, number))
                parts.append(_text(_LABELS + length + 5, top + 11.5, f"{value:.3f}", "start"))
            top += _ROW
        top += 6
    return _svg(top, parts, ", ".join(f"{name}: {_said(values)}" for name, values in rows))


def histogram(values: Sequence[float], run: int = 0, bins: int = 10) -> str:
    """Return how many questions have which score, from 0 to 1; the last bin holds 1 as well."""
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int(value * bins)))] += 1
    most = max([*counts, 1])
    width = (WIDTH - 16) / bins
    parts: list[str] = []
    for number, count in enumerate(counts):
        height = _HEIGHT * count / most
        left = 8 + number * width
        parts.append(_rectangle(left + 1, 16 + _HEIGHT - height, width - 2, height, run))
        if count:
            parts.append(_text(left + width / 2, 12 + _HEIGHT - height, str(count), "middle"))
    floor = 16 + _HEIGHT
    parts.append(f'<line x1="8" y1="{floor}" x2="{WIDTH - 8}" y2="{floor}" style="stroke:var(--line)"/>')
    for mark in (0.0, 0.5, 1.0):
        anchor = "start" if mark == 0 else "end" if mark == 1 else "middle"
        parts.append(_text(8 + mark * (WIDTH - 16), floor + 14, f"{mark:g}", anchor, "soft"))
    label = "; ".join(f"{n / bins:g} to {(n + 1) / bins:g}: {count}" for n, count in enumerate(counts) if count)
    return _svg(floor + 20, parts, f"questions by score: {label or 'none'}")


def intervals(rows: Sequence[tuple[str, float, float, float]], run: int = 1) -> str:
    """Return differences with their intervals around 0.

    Args:
        rows: name, difference, low and high.
        run: whose colour.
    """
    reach = max([0.01, *(abs(value) for _, *values in rows for value in values)]) * 1.08
    room = WIDTH - _LABELS - _VALUES - 8
    middle = _LABELS + room / 2

    def at(value: float) -> float:
        return middle + value / reach * room / 2

    height = len(rows) * 22 + 6
    parts = [
        f'<line x1="{middle}" y1="0" x2="{middle}" y2="{height}" style="stroke:var(--soft);stroke-dasharray:3 3"/>'
    ]
    for number, (name, difference, low, high) in enumerate(rows):
        y = number * 22 + 14
        line = f'x1="{at(low):.1f}" y1="{y}" x2="{at(high):.1f}" y2="{y}"'
        parts.append(_text(_LABELS - 8, y + 4, name, "end"))
        parts.append(f'<line {line} style="stroke:var(--c{run % COLOURS});stroke-width:2"/>')
        parts.append(f'<circle cx="{at(difference):.1f}" cy="{y}" r="4" style="fill:var(--c{run % COLOURS})"/>')
        parts.append(_text(WIDTH - 2, y + 4, f"{difference:+.3f}", "end"))
    for mark, anchor in ((-reach, "start"), (0.0, "middle"), (reach, "end")):
        parts.append(_text(at(mark), height + 12, f"{mark:+.2f}" if mark else "0", anchor, "soft"))
    label = ", ".join(f"{name} {difference:+.3f} ({low:+.3f} to {high:+.3f})" for name, difference, low, high in rows)
    return _svg(height + 18, parts, f"differences with 95 % intervals: {label}")


def curves(lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> str:
    """Return how something grows with what it costs: a line a name, with its points, over a logarithmic axis.

    Args:
        lines: points by name, at least one of them; x above 0, y from 0 to 1.
        across, up: what the axes are.
    """
    xs = [x for points in lines.values() for x, _ in points]
    low, high = math.log10(min(xs)), math.log10(max(xs))
    left, top, room, height = 30, 20, WIDTH - 44, 2 * _HEIGHT

    def at(x: float, y: float) -> str:
        share = (math.log10(x) - low) / (high - low) if high > low else 0.5
        return f"{left + share * room:.1f},{top + height * (1 - y):.1f}"

    parts = [_text(0, 12, up, "start", "soft")]
    for mark in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = top + height * (1 - mark)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{left + room}" y2="{y}" style="stroke:var(--line)"/>')
        parts.append(_text(left - 5, y + 4, f"{mark:g}", "end", "soft"))
    for power in range(math.ceil(low), math.floor(high) + 1):
        x = float(at(10**power, 0).split(",")[0])
        parts.append(_text(x, top + height + 14, f"{10**power:,g}", "middle", "soft"))
    parts.append(_text(left + room, top + height + 28, across, "end", "soft"))
    for number, (name, points) in enumerate(lines.items()):
        colour = f"var(--c{number % COLOURS})"
        path = " ".join(at(x, y) for x, y in points)
        parts.append(f'<polyline points="{path}" style="fill:none;stroke:{colour};stroke-width:2"/>')
        for x, y in points:
            cx, cy = at(x, y).split(",")
            parts.append(f'<circle cx="{cx}" cy="{cy}" r="2.5" style="fill:{colour}"/>')
        row = top + height + 46 + number * _ROW
        parts.append(_rectangle(left, row - 9, 12, 9, number))
        parts.append(_text(left + 18, row, name, "start"))
    label = "; ".join(
        f"{name}: {', '.join(f'{y:.2f} at {x:,.6g}' for x, y in points)}" for name, points in lines.items()
    )
    return _svg(top + height + 40 + len(lines) * _ROW, parts, f"{up} by {across}: {label}")


def standing_alone(plot: str) -> str:
    """Return a plot as a file of its own, with colours that are read on white and on black."""
    style = "".join(f"--{name}:{colour};" for name, colour in _ALONE.items())
    return plot.replace(
        "<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" style="{style}font:11px sans-serif" width="{2 * WIDTH}" ', 1
    )


def _said(values: Sequence[float | None]) -> str:
    return " / ".join("no score" if value is None else f"{value:.3f}" for value in values)


def _svg(height: float, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}">'
        f"<title>{escape(label)}</title>{''.join(parts)}</svg>"
    )


def _rectangle(x: float, y: float, width: float, height: float, run: int) -> str:
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {size} rx="2" style="fill:var(--c{run % COLOURS})"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "ink") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="fill:var(--{kind})">{escape(text)}</text>'
