"""Draws a run of `users_load`: how long people wait and what processes hold, over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

WINDOW = 30.0  # seconds whose calls make one point
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df", "#9a6700")
KINDS = ("search", "first words", "answer")
Line = list[tuple[float, float]]


def plot(raw: Mapping[str, Any], path: Path) -> None:
    """Draw seconds by kind (p50 and p95 of half a minute) above memory by process, from 0 on."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (920, 560), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(13)
    waits = {f"{kind}, p{of}": percentiles(raw["calls"], kind, of) for kind in KINDS for of in (50, 95)}
    _chart(draw, font, 30, "seconds, in half minutes", {name: line for name, line in waits.items() if line})
    _chart(draw, font, 310, "memory without mapped files, MB", held(raw["samples"]))
    image.save(path)


def percentiles(calls: Sequence[tuple[str, float, float]], kind: str, of: int) -> Line:
    """Return a percentile of the seconds of a kind for each window in which there were some."""
    windows: dict[int, list[float]] = {}
    for name, at, took in calls:
        if name == kind:
            windows.setdefault(int(at // WINDOW), []).append(took)
    return [((at + 0.5) * WINDOW, float(np.percentile(took, of))) for at, took in sorted(windows.items())]


def held(samples: Sequence[Mapping[str, Any]]) -> dict[str, Line]:
    """Return the memory of each process of the house over time."""
    names = sorted({name for sample in samples for name in sample["processes"] if name.startswith("API")})
    return {
        name: [(sample["at"], sample["processes"][name]["own_mb"]) for sample in samples if name in sample["processes"]]
        for name in names
    }


def _chart(draw: Any, font: Any, top: int, title: str, lines: Mapping[str, Line]) -> None:
    left, right, bottom = 60, 720, top + 210
    last = max((at for line in lines.values() for at, _ in line), default=1.0)
    most = 1.08 * max((value for line in lines.values() for _, value in line), default=1.0)
    draw.text((left, top - 20), title, "black", font)
    draw.line([(left, top), (left, bottom), (right, bottom)], "#888888")
    step = next(size for size in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000) if most / size <= 8)
    for number in range(1, int(most / step) + 1):
        y = bottom - number * step / most * (bottom - top)
        draw.line([(left, y), (right, y)], "#e4e4e4")
        draw.text((left - 6, y), f"{number * step:g}", "#555555", font, anchor="rm")
    for minute in range(int(last // 60) + 1):
        x = left + 60 * minute / last * (right - left)
        draw.text((x, bottom + 12), f"{minute} min", "#555555", font, anchor="mm")
    for number, (name, line) in enumerate(lines.items()):
        colour, width = COLOURS[number // (2 if ", p" in name else 1) % len(COLOURS)], 1 if name.endswith("p50") else 2
        spots = [(left + at / last * (right - left), bottom - value / most * (bottom - top)) for at, value in line]
        draw.line(spots, colour, width)
        draw.text((right + 10, top + 18 * number), name, colour, font)
