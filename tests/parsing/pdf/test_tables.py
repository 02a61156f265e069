"""Tables of text PDFs: what becomes Markdown, what stays lines, and where a table's words stand on the page."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.parsing.pdf.boxes import boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

Placed = tuple[float, float, str]
_DIGIT, _STOP = 5.56, 2.78  # the widths in Helvetica of 10 points
_RIGHT = (300.0, 380.0, 460.0, 540.0)


def _parse(*pages: Sequence[Placed]) -> Document:
    return PdfParser().parse(DocumentRef("s", "k", "1", "k", "", "application/pdf"), placed_pdf(*pages))


def _parse_small(page: Sequence[Placed]) -> Document:
    return PdfParser().parse(DocumentRef("s", "k", "1", "k", "", "application/pdf"), placed_pdf(page, small="(1)"))


def _width(text: str) -> float:
    return sum(_STOP if letter in ",. " else 3.33 if letter in "()" else _DIGIT for letter in text)


def _line(y: float, label: str, *cells: str, edges: Sequence[float] = _RIGHT) -> list[Placed]:
    """Return a row with its label at the left margin and its numbers at the columns' right edges."""
    placed = [(72.0, y, label)] if label else []
    return placed + [(edge - _width(cell), y, cell) for cell, edge in zip(cells, edges, strict=False) if cell]


def _tables(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind == "table"]


_SIMPLE = [
    *_line(700, "Item", "2023", "2022", edges=(300, 380)),
    *_line(686, "Services", "1,200", "950", edges=(300, 380)),
    *_line(672, "Products", "80", "75", edges=(300, 380)),
    *_line(658, "Total", "1,280", "1,025", edges=(300, 380)),
]


def test_a_table_is_a_block_between_the_text_around_it():
    document = _parse([(72, 740, "Sales by kind are these."), *_SIMPLE, (72, 620, "See the notes.")])
    assert [block.kind for block in document.blocks] == ["text", "table", "text"]
    assert document.blocks[1].text == (
        "| Item | 2023 | 2022 |\n| --- | --- | --- |\n| Services | 1,200 | 950 |\n"
        "| Products | 80 | 75 |\n| Total | 1,280 | 1,025 |"
    )
    for block in document.blocks:
        assert document.text[block.start : block.end] == block.text
        assert block.page == 1
    assert (document.pages[0].start, document.pages[0].end) == (0, len(document.text))


def test_a_header_of_several_lines_is_joined_and_what_spans_columns_is_repeated():
    page = [
        (274, 714, "Three Months Ended"),
        (438, 714, "Nine Months Ended"),
        *[
            (left, 702, text)
            for left, text in ((262, "June 25,"), (342, "June 26,"), (422, "June 25,"), (502, "June 26,"))
        ],
        *_line(690, "", "2022", "2021", "2022", "2021"),
        (72, 676, "Net sales:"),
        *_line(662, "Products", "63,355", "63,948", "245,241", "232,309"),
        *_line(648, "Services", "19,604", "17,486", "58,941", "50,148"),
        *_line(634, "Total", "82,959", "81,434", "304,182", "282,457"),
    ]
    (table,) = _tables(_parse(page))
    assert table.split("\n")[:4] == [
        "|  | Three Months Ended June 25, 2022 | Three Months Ended June 26, 2021 "
        "| Nine Months Ended June 25, 2022 | Nine Months Ended June 26, 2021 |",
        "| --- | --- | --- | --- | --- |",
        "| Net sales: |  |  |  |  |",
        "| Products | 63,355 | 63,948 | 245,241 | 232,309 |",
    ]


def test_signs_brackets_and_percent_signs_belong_to_their_number():
    dash = b"\x97".decode("latin-1")  # the em dash of the fonts' own encoding
    page = [
        *_line(700, "Item", "2023", "2022", "2021"),
        *_line(686, "Cost", "$ 63,355", "$ 48", "12"),
        *_line(672, "Change", "(97 )", "10 %", dash),
        *_line(658, "Tax", "(10)", "20", "30"),
    ]
    (table,) = _tables(_parse(page))
    assert table.split("\n")[2:4] == ["| Cost | $63,355 | $48 | 12 |", "| Change | (97) | 10% | \u2014 |"]


def test_rows_may_lack_cells_and_labels_go_on_in_the_next_line():
    page = [
        *_line(700, "", "2023", "2022", edges=(300, 380)),
        *_line(686, "Granted", "1,200", "950", edges=(300, 380)),
        (72, 672, "Canceled by those who"),
        *_line(658, "left", "80", "75", edges=(300, 380)),
        *_line(644, "Vested", "", "75", edges=(300, 380)),
        *_line(630, "Total", "1,280", "1,025", edges=(300, 380)),
    ]
    (table,) = _tables(_parse(page))
    assert table.split("\n")[3:5] == ["| Canceled by those who left | 80 | 75 |", "| Vested |  | 75 |"]


def test_pipes_are_escaped():
    page = [*_SIMPLE[:3], *_line(686, "Goods|Services", "1,200", "950", edges=(300, 380)), *_SIMPLE[6:]]
    (table,) = _tables(_parse(page))
    assert "| Goods\\|Services | 1,200 | 950 |" in table


@pytest.mark.parametrize(
    "page",
    [
        _SIMPLE[3:],  # without a header
        [*_SIMPLE[:3], *_SIMPLE[6:]],  # two rows
        [  # numbers in no common column
            *_line(700, "Item", "2023", "2022", edges=(300, 380)),
            *_line(686, "One", "10", "20", edges=(300, 380)),
            *_line(672, "Two", "10", "20", edges=(330, 410)),
            *_line(658, "Three", "10", "20", edges=(270, 350)),
        ],
        [  # prose with numbers
            (72, 700, "It sold 1,200 in 2021 and 950 in 2022 of them."),
            (72, 686, "Of these 80 went back, and 75 were lost, 12 by us."),
            (72, 672, "The other 1,045 and 870 were paid in 2022 and 2023."),
            (72, 658, "We had 12 shops in 2021, and 13 of them in 2022."),
        ],
        [  # a header whose columns cannot be told apart
            *_line(700, "Item", "2023", "2023", edges=(300, 380)),
            *_SIMPLE[3:],
        ],
    ],
)
def test_what_is_not_sure_stays_lines(page: Sequence[Placed]):
    document = _parse(page)
    assert not _tables(document)
    assert all(text in document.text for _, _, text in page)


def test_a_header_that_tables_repeat_on_each_page_is_no_running_header():
    pages = [
        [(72, 740, "Annual report"), *_SIMPLE, (72, 620, f"Text {number} of this report is here.")]
        for number in range(5)
    ]
    document = _parse(*pages)
    tables = _tables(document)
    assert len(tables) == 5
    assert all(table.startswith("| Item | 2023 | 2022 |\n") for table in tables)
    assert document.text.count("Annual report") == 1


def test_marks_that_the_file_writes_apart_stand_in_their_cell():
    page = [*_SIMPLE, (112, 690, "(1)"), (72, 620, "(1) Without repairs.")]
    document, data = _parse_small(page), placed_pdf(page, small="(1)")
    (table,) = _tables(document)
    assert "| Services(1) | 1,200 | 950 |" in table
    assert document.text.count("(1)") == 2
    at = document.text.index("(1)")
    (box,) = boxes(data, document, at, at + 3)
    assert abs((792 - box.bottom) - 690) < 3
    assert 111 < box.left < 115


def test_words_of_a_table_have_their_boxes():
    page = [
        (72, 740, "Total sales | by kind, 2022 and 2023."),
        *_line(700, "Item", "2023", "2022", edges=(300, 380)),
        *_line(686, "Goods|Services", "80", "75", edges=(300, 380)),
        *_line(672, "Products", "80", "75", edges=(300, 380)),
        *_line(658, "Total", "160", "75", edges=(300, 380)),
        (72, 620, "80 | 75 are the products."),
    ]
    document, data = _parse(page), placed_pdf(page)
    start = document.text.index("| Products | 80")
    found = boxes(data, document, start, start + len("| Products | 80 | 75 |"))
    assert found
    assert all(abs((792 - box.bottom) - 672) < 3 for box in found)
    number = document.text.index("75", start)
    (box,) = boxes(data, document, number, number + 2)
    assert 367 < box.left < box.right < 382
    assert abs((792 - box.bottom) - 672) < 2
    (after,) = boxes(data, document, document.text.index("80 | 75 are"), document.text.index("80 | 75 are") + 2)
    assert abs((792 - after.bottom) - 620) < 2
    (escaped,) = boxes(data, document, document.text.index("Goods"), document.text.index("Goods") + 15)
    assert 71 < escaped.left < 75
    assert 140 < escaped.right < 146


def test_boxes_of_a_span_over_text_and_table():
    document, data = (
        _parse([(72, 740, "Sales by kind."), *_SIMPLE]),
        placed_pdf([(72, 740, "Sales by kind."), *_SIMPLE]),
    )
    found = boxes(data, document, 0, document.text.index("Services") + 8)
    bottoms = {round((792 - box.bottom) / 14) for box in found}
    assert bottoms == {round(y / 14) for y in (740, 700, 686)}
