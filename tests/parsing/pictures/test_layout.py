"""The order in which the lines of a picture are read."""

from __future__ import annotations

from assistant.parsing.pictures.layout import in_paragraphs
from assistant.parsing.pictures.reading import Line


def _line(text: str, left: float, top: float, width: float = 100, height: float = 20) -> Line:
    return Line(text, left, top, left + width, top + height, 0.99)


def test_rows_go_from_left_to_right():
    lines = [_line("9.90", 500, 104), _line("Total", 20, 100), _line("Cash", 20, 140), _line("10.00", 500, 137)]
    rows = in_paragraphs(lines, 640)
    assert [[line.text for line in row] for part in rows for row in part] == [["Total", "9.90"], ["Cash", "10.00"]]


def test_columns_are_read_one_after_the_other():
    left = [_line(f"left {number}", 20, 100 + 30 * number, 270) for number in range(6)]
    right = [_line(f"right {number}", 350, 100 + 30 * number, 270) for number in range(6)]
    heading = _line("Heading", 20, 40, 600)
    texts = [line.text for part in in_paragraphs([*right, *left, heading], 640) for row in part for line in row]
    assert texts == ["Heading", *(line.text for line in left), *(line.text for line in right)]


def test_a_gap_parts_paragraphs():
    lines = [_line(str(number), 20, top) for number, top in enumerate((0, 25, 50, 120, 145, 170))]
    assert [len(part) for part in in_paragraphs(lines, 640)] == [3, 3]
