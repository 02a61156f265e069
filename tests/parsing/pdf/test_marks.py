"""Raised marks that a PDF writes apart from their lines, and where they are marked on the page."""

from __future__ import annotations

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.pdf.boxes import boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
# In Helvetica of 10 points "They sell Pods" ends at x = 125; the line goes on behind the mark.
LINE = [(60.0, 700.0, "They sell Pods"), (135.0, 700.0, ", and more"), (60.0, 680.0, "The next line")]


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


@pytest.mark.parametrize("mark", ["\xae", "(1)", "*"])
def test_a_raised_mark_is_put_where_it_stands(mark: str):
    document = parse(placed_pdf([*LINE, (126.5, 703.0, mark)], small=mark))
    assert document.text == f"They sell Pods{mark}, and more\nThe next line"


def test_its_box_is_found():
    data = placed_pdf([*LINE, (126.5, 703.0, "\xae")], small="\xae")
    document = parse(data)
    at = document.text.index("\xae")
    (mark,) = boxes(data, document, at, at + 1)
    assert 125 < mark.left < mark.right < 135
    (line,) = boxes(data, document, 0, document.text.index("\n"))
    assert line.left < 62
    assert line.right > 170


@pytest.mark.parametrize(
    "mark",
    [
        (126.5, 700.0, "(1)"),  # on the line: a number, not a mark
        (400.0, 703.0, "\xae"),  # behind nothing
        (126.5, 600.0, "\xae"),  # on no line
    ],
)
def test_others_stay(mark: tuple[float, float, str]):
    text = parse(placed_pdf([*LINE, (60.0, 660.0, "Another line"), mark], small=mark[2])).text
    assert "Pods, " in text or "Pods , " in text
    assert mark[2] in text
