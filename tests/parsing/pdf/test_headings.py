from __future__ import annotations

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import DocumentRef
from tests.fakes.pdf import styled_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
TEXT = "Travel is paid for by the house where it was agreed upon before."
PROSE = [(10.0, TEXT), (10.0, "Whoever travels keeps the receipts of all that was paid."), (10.0, "They are sent in.")]


def headings(data: bytes) -> list[tuple[int, str]]:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return [(block.level, block.text) for block in document.blocks if block.kind == "heading"]


def test_larger_lines_are_headings_the_largest_above():
    pages = [(20.0, "Handbook"), (14.0, "Travel"), *PROSE, (12.0, "By train"), *PROSE], [(14.0, "Sickness"), *PROSE]
    assert headings(styled_pdf(*pages)) == [(1, "Handbook"), (2, "Travel"), (3, "By train"), (2, "Sickness")]


def test_a_bold_line_is_a_heading_where_prose_is_below():
    lines = [*PROSE, (-10.0, "Who pays"), *PROSE, (-10.0, "Year Cost Paid"), (10.0, "2024 12.00 13.00"), *PROSE]
    assert headings(styled_pdf(lines)) == [(1, "Who pays")]
    assert headings(styled_pdf([*PROSE, (-10.0, "Who pays:"), *PROSE])) == []
    assert headings(styled_pdf([(-10.0, "Rules"), *[(-10.0, text) for _, text in PROSE]])) == []  # all of it is bold


def test_lines_of_one_heading_are_one_block():
    found = headings(styled_pdf([(16.0, "Rules of the house for"), (16.0, "travel and training"), *PROSE, *PROSE]))
    assert found == [(1, "Rules of the house for\ntravel and training")]
    assert headings(styled_pdf([*[(16.0, f"Line {word}") for word in ("one", "two", "six", "ten")], *PROSE])) == []


def test_bookmarks_say_how_deep_headings_of_a_kind_stand():
    pages = [(14.0, "Travel"), *PROSE, (12.0, "By train"), *PROSE], [(14.0, "Sickness"), *PROSE]
    found = headings(styled_pdf(*pages, outline=[("Travel", 0), ("they are sent in.", 1)]))
    assert found == [(1, "Travel"), (2, "By train"), (1, "Sickness"), (1, "They are sent in.")]


@pytest.mark.parametrize("line", ["2.500", ", and others", "x" * 250])
def test_what_cannot_be_a_heading_is_text(line: str):
    assert headings(styled_pdf([(14.0, line), *PROSE, *PROSE, *PROSE])) == []


def test_sizes_are_those_that_are_shown():
    lines = [(7.0, "Travel"), *[(5.0, text) for _, text in PROSE]]
    assert headings(styled_pdf(lines, matrix="2 0 0 2 72")) == [(1, "Travel")]
    stamp = styled_pdf([*PROSE, *PROSE]).replace(b"BT /F1 10.0 Tf 1 0 0 1 72 760", b"BT /F1 30.0 Tf 0 1 -1 0 72 76 ")
    assert headings(stamp) == []  # it is written upward


def test_a_page_of_large_lines_only_has_no_headings():
    slides = [(28.0, "Plans for the year"), (24.0, "Sell more"), (28.0, "Buy less of it"), (24.0, "Rest")]
    assert headings(styled_pdf(slides)) == []
