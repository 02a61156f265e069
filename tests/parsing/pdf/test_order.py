"""Reading order of PDF pages: columns that a file mixes, what must stay as it is, and boxes over it."""

from __future__ import annotations

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.pdf.boxes import boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
WORDS = ["one", "two", "three", "four", "five", "six", "seven"]
LEFT = [f"left {word} holds words of the first column" for word in WORDS]
RIGHT = [f"right {word} holds words of the second one" for word in WORDS]
HEADING = (60, 720, "A heading that goes over the two columns of this page and says what is in them")
ROWS = range(690, 690 - 14 * 7, -14)
Item = tuple[float, float, str]


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


def column(x: float, lines: list[str]) -> list[Item]:
    return [(x, y, line) for y, line in zip(ROWS, lines, strict=True)]


def lines_of(*items: Item) -> list[str]:
    return [line for line in parse(placed_pdf(items)).text.split("\n") if line]


def mixed(left: list[str], right: list[str]) -> list[Item]:
    return [item for pair in zip(column(60, left), column(330, right), strict=True) for item in pair]


def test_columns_that_are_written_row_by_row_are_read_one_after_the_other():
    assert lines_of(HEADING, *mixed(LEFT, RIGHT)) == [HEADING[2], *LEFT, *RIGHT]


def test_columns_that_are_written_the_wrong_way_round():
    assert lines_of(HEADING, *column(330, RIGHT), *column(60, LEFT)) == [HEADING[2], *LEFT, *RIGHT]


def test_columns_in_order_stay():
    footnote = (60.0, 80.0, "1 a note")
    found = lines_of(*column(60, LEFT), *column(330, RIGHT), footnote)
    assert found == [*LEFT, *RIGHT, footnote[2]]


def test_a_heading_in_the_middle_parts_the_columns():
    below = [(x, y - 150, line.replace("holds", "keeps")) for x, y, line in mixed(LEFT, RIGHT)]
    middle = (60.0, 570.0, HEADING[2])
    again = [[line.replace("holds", "keeps") for line in lines] for lines in (LEFT, RIGHT)]
    assert lines_of(*mixed(LEFT, RIGHT), middle, *below) == [*LEFT, *RIGHT, middle[2], *again[0], *again[1]]


def test_a_word_broken_in_a_column_is_joined():
    left = [*LEFT[:2], "left three holds words of the first exam-", "ple four holds words of the first one", *LEFT[4:]]
    assert "of the first example four" in parse(placed_pdf([HEADING, *mixed(left, RIGHT)])).text


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([f"Item {number}" for number in range(7)], [f"{(number + 1) * 371:,}" for number in range(7)]),
        (
            ["Revenue", "Cost of all goods and services sold", "Gross margin", "Tax", "Net income of the year",
             "Dividends", "Equity held by others in subsidiaries"],
            ["10,000 20,000 30,000 40,000 50,000 1"] * 7,
        ),
    ],
)  # fmt: skip
def test_tables_stay(left: list[str], right: list[str]):
    found = lines_of(*mixed(left, right))
    assert [line.split() for line in found] == [f"{a} {b}".split() for a, b in zip(left, right, strict=True)]


def test_boxes_stand_on_the_lines_of_the_column():
    data = placed_pdf([HEADING, *mixed(LEFT, RIGHT)])
    document = parse(data)
    start = document.text.index("one holds words of the second")
    first, second = boxes(data, document, start, document.text.index("two holds words of the second"))
    assert 330 < first.left < first.right < 560
    assert first.top < 792 - 690 < first.bottom + 1
    assert 329 < second.left < second.right < 400
    assert first.bottom < second.top
