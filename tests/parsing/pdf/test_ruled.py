"""Tables whose cells are parted by lines or filled boxes: what becomes Markdown, and what stays lines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.pdf.boxes import boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

Placed = tuple[float, float, str]
XS = (72.0, 172.0, 322.0, 472.0)
ABOVE: Placed = (72, 740, "These are the rules of the house.")
BELOW: Placed = (72, 500, "They hold for all who live in it.")


def lines(xs: Sequence[float], ys: Sequence[float]) -> str:
    """Return the operators for a grid."""
    across = [f"{xs[0]} {y} m {xs[-1]} {y} l S\n" for y in ys]
    return "".join([*across, *(f"{x} {ys[0]} m {x} {ys[-1]} l S\n" for x in xs)])


def parse(page: Sequence[Placed], drawing: str) -> tuple[Document, bytes]:
    data = placed_pdf(page, drawings=[drawing])
    document = PdfParser().parse(DocumentRef("s", "k", "1", "k", "", "application/pdf"), data)
    check_document(document)
    return document, data


def tables(page: Sequence[Placed], drawing: str) -> list[str]:
    return [block.text for block in parse(page, drawing)[0].blocks if block.kind == "table"]


WORDS: list[Placed] = [
    (76, 710, "Room"), (176, 710, "Rule"), (326, 710, "Who"),
    (76, 690, "Kitchen"), (176, 690, "Whoever cooks cleans"), (176, 678, "the stove the same day"), (326, 690, "Cook"),
    (76, 660, "Garden"), (176, 660, "No fires"),
]  # fmt: skip
GRID = lines(XS, (724, 704, 672, 654))


def test_cells_hold_their_words_over_several_lines_or_none():
    document, _ = parse([ABOVE, *WORDS, BELOW], GRID)
    assert [block.kind for block in document.blocks] == ["text", "table", "text"]
    assert document.blocks[1].text == (
        "| Room | Rule | Who |\n| --- | --- | --- |\n"
        "| Kitchen | Whoever cooks cleans the stove the same day | Cook |\n| Garden | No fires |  |"
    )


def test_the_lines_at_the_sides_may_be_missing():
    drawing = "".join(f"72 {y} m 472 {y} l S\n" for y in (724, 704, 672, 654))
    drawing += "172 724 m 172 654 l S\n322 724 m 322 654 l S\n"
    assert tables([ABOVE, *WORDS, BELOW], drawing) == tables([ABOVE, *WORDS, BELOW], GRID)


def test_filled_boxes_part_cells_as_lines_do():
    boxes_drawn = "0.8 g\n" + "".join(
        f"{left} {low} {right - left} {high - low} re f\n"
        for high, low in ((724, 704), (704, 672), (672, 654))
        for left, right in itertools.pairwise(XS)
    )
    assert tables([ABOVE, *WORDS, BELOW], boxes_drawn + "0 g\n") == tables([ABOVE, *WORDS, BELOW], GRID)


def test_a_broken_word_is_joined_and_has_its_boxes():
    page = [*WORDS[:4], (176, 690, "Whoever clea-"), (176, 678, "ns the kitchen"), *WORDS[6:], BELOW]
    document, data = parse(page, GRID)
    (table,) = [block for block in document.blocks if block.kind == "table"]
    assert "| Kitchen | Whoever cleans the kitchen | Cook |" in table.text
    start = document.text.index("Garden")
    (box,) = boxes(data, document, start, start + 6)
    assert abs((792 - box.bottom) - 660) < 3
    start = document.text.index("the kitchen")
    (box,) = boxes(data, document, start, start + 11)
    assert abs((792 - box.bottom) - 678) < 3


def test_merged_cells_are_said_of_each_row_and_column():
    page: list[Placed] = [
        (250, 710, "Duty"), (76, 700, "Room"),
        (176, 690, "Rule"), (326, 690, "Who"),
        (76, 660, "Kitchen"), (176, 670, "Cook"), (326, 670, "All"), (176, 650, "Clean"), (326, 650, "Anna"),
        BELOW,
    ]  # fmt: skip
    drawing = "".join(f"72 {y} m 472 {y} l S\n" for y in (724, 684, 644)) + "172 704 m 472 704 l S\n"
    drawing += "172 664 m 472 664 l S\n" + "".join(f"{x} 724 m {x} 644 l S\n" for x in (72, 172, 472))
    drawing += "322 704 m 322 644 l S\n"
    assert tables(page, drawing) == [
        "| Room | Duty Rule | Duty Who |\n| --- | --- | --- |\n| Kitchen | Cook | All |\n| Kitchen | Clean | Anna |"
    ]


def test_numbers_without_lines_between_them_are_rows():
    page: list[Placed] = [
        (76, 710, "Model"), (176, 710, "First"), (326, 710, "Second"),
        (76, 690, "A"), (176, 690, "0.1"), (326, 690, "0.2"),
        (76, 678, "B"), (176, 678, "0.3"), (326, 678, "0.4"),
    ]  # fmt: skip
    assert tables([ABOVE, *page, BELOW], lines(XS, (724, 704, 672))) == [
        "| Model | First | Second |\n| --- | --- | --- |\n| A | 0.1 | 0.2 |\n| B | 0.3 | 0.4 |"
    ]


def test_numbers_in_the_first_row_are_no_header():
    page: list[Placed] = [
        (76 + 100 * column, 710 - 20 * row, f"{row}{column}.5") for row in range(3) for column in range(2)
    ]
    found = tables([ABOVE, *page, BELOW], lines((72, 172, 272), (724, 704, 684, 664)))
    assert found == ["|  |  |\n| --- | --- |\n| 00.5 | 01.5 |\n| 10.5 | 11.5 |\n| 20.5 | 21.5 |"]


def test_a_title_over_all_columns_stays_a_line():
    page = [(76, 730, "The rules of the house"), *WORDS, BELOW]
    drawing = GRID + "72 744 m 472 744 l S\n72 744 m 72 704 l S\n472 744 m 472 704 l S\n"
    document, _ = parse(page, drawing)
    assert [block.kind for block in document.blocks] == ["text", "table", "text"]
    assert document.blocks[1].text.startswith("| Room | Rule | Who |")


@pytest.mark.parametrize(
    ("page", "drawing"),
    [
        ([ABOVE, *WORDS, BELOW], "72 724 m 472 724 l S\n72 654 m 472 654 l S\n"),  # lines above and below
        ([ABOVE, *WORDS, (150, 666, "across a line"), BELOW], GRID),
        ([ABOVE, *WORDS, BELOW], GRID + "80 660 m 160 700 l S\n180 660 m 300 700 l S\n330 660 m 460 700 l S\n"),
        ([ABOVE, WORDS[0], BELOW], GRID),  # an empty form
        ([ABOVE, *WORDS[:5], BELOW, *WORDS[5:]], GRID),  # the file writes other text among the cells
    ],
)
def test_what_is_not_sure_stays_lines(page: Sequence[Placed], drawing: str):
    document, _ = parse(page, drawing)
    assert not [block for block in document.blocks if block.kind == "table"]
    assert all(word in document.text for _, _, text in page for word in text.split())
