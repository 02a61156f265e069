"""Curves stand where their points are."""

import re

from assistant.evaluation.plots import curves, standing_alone

LINES = {"passages": [(100.0, 0.0), (1_000.0, 0.5), (10_000.0, 1.0)], "a < b": [(10_000.0, 1.0)]}


def points(svg):
    return [tuple(map(float, pair.split(","))) for pair in re.search(r'points="([^"]+)"', svg)[1].split()]


def test_a_curve_rises_from_left_to_right_over_a_logarithmic_axis():
    (x0, y0), (x1, y1), (x2, y2) = points(curves(LINES, "tokens", "held"))
    assert x1 - x0 == x2 - x1 > 0
    assert y0 - y1 == y1 - y2 > 0


def test_it_names_its_lines_and_axes_and_says_its_figures():
    svg = curves(LINES, "tokens", "held")
    words = set(re.findall(r"<text [^>]*>([^<]*)</text>", svg))
    assert {"passages", "a &lt; b", "tokens", "held", "100", "1,000", "10,000"} <= words
    assert "passages: 0.00 at 100, 0.50 at 1,000, 1.00 at 10,000" in re.search(r'aria-label="([^"]*)"', svg)[1]


def test_points_at_one_place_are_drawn():
    assert len(points(curves({"one": [(5.0, 0.5), (5.0, 0.7)]}, "x", "y"))) == 2


def test_alone_it_has_all_colours_that_it_uses():
    svg = standing_alone(curves({str(n): [(1.0, 0.1)] for n in range(8)}, "x", "y"))
    style = re.search(r'<svg [^>]*style="([^"]*)"', svg)[1]
    assert all(f"--{name}:" in style for name in re.findall(r"var\(--(\w+)\)", svg))
