"""Tables that go on over pages: the header is said again, where the columns are the same and nothing is between."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.parsing.check import check_document
from assistant.parsing.pdf.boxes import boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf
from tests.parsing.pdf.test_ruled import lines

Placed = tuple[float, float, str]
HEADER: list[Placed] = [(76, 110, "Room"), (176, 110, "Rule")]
FIRST: list[Placed] = [(76, 90, "Kitchen"), (176, 90, "Clean the stove")]
NEXT: list[Placed] = [(76, 740, "Garden"), (176, 740, "No fires"), (76, 720, "Hall"), (176, 720, "No shoes")]
DRAWN = [lines((72, 172, 372), (124, 104, 84)), lines((72, 172, 372), (754, 734, 714))]
BEFORE: Placed = (72, 300, "The rules of the house.")
AFTER: Placed = (72, 300, "They hold for all who live in it.")


def parse(*pages: Sequence[Placed], drawings: Sequence[str] = DRAWN) -> tuple[Document, bytes]:
    data = placed_pdf(*pages, drawings=drawings)
    document = PdfParser().parse(DocumentRef("s", "k", "1", "k", "", "application/pdf"), data)
    check_document(document)
    return document, data


def tables(document: Document) -> list[str]:
    return [block.text for block in document.blocks if block.kind == "table"]


def test_the_header_is_repeated_on_the_next_page():
    document, data = parse([BEFORE, *HEADER, *FIRST], [*NEXT, AFTER])
    assert tables(document) == [
        "| Room | Rule |\n| --- | --- |\n| Kitchen | Clean the stove |",
        "| Room | Rule |\n| --- | --- |\n| Garden | No fires |\n| Hall | No shoes |",
    ]
    start = document.text.index("| Room", document.text.index("Kitchen"))
    found = boxes(data, document, start, document.text.index("No fires") + 8)
    assert {box.page for box in found} == {2}
    assert all(abs((792 - box.bottom) - 740) < 3 for box in found)


def test_page_headers_and_numbers_may_stand_between():
    one, other = (40.0, 770.0, "House rules"), (300.0, 30.0, "Page 1 of 2")
    document, _ = parse([one, BEFORE, *HEADER, *FIRST, other], [one, *NEXT, AFTER, (300.0, 30.0, "Page 2 of 2")])
    assert tables(document)[1].startswith("| Room | Rule |\n")


@pytest.mark.parametrize(
    ("first", "second", "drawing"),
    [
        ([BEFORE, *HEADER, *FIRST, (72, 40, "All of them.")], [*NEXT, AFTER], DRAWN[1]),  # text below the table
        ([BEFORE, *HEADER, *FIRST], [(72, 770, "Other rules."), *NEXT, AFTER], DRAWN[1]),  # text above
        ([BEFORE, *HEADER, *FIRST], [*NEXT, AFTER], lines((72, 162, 372), (754, 734, 714))),  # other columns
    ],
)
def test_other_tables_keep_their_own_first_row(first: list[Placed], second: list[Placed], drawing: str):
    document, _ = parse(first, second, drawings=[DRAWN[0], drawing])
    assert tables(document)[1].startswith("| Garden | No fires |\n")


def test_a_header_that_the_file_repeats_is_there_once():
    again = [(76.0, 740.0, "Room"), (176.0, 740.0, "Rule"), (76.0, 720.0, "Hall"), (176.0, 720.0, "No shoes")]
    document, _ = parse([BEFORE, *HEADER, *FIRST], [*again, AFTER])
    assert tables(document)[1] == "| Room | Rule |\n| --- | --- |\n| Hall | No shoes |"


def numbers(y: float, label: str, *cells: str) -> list[Placed]:
    return [(72.0, y, label), *((300.0 + 80 * at, y, cell) for at, cell in enumerate(cells))]


def test_numbers_without_a_header_are_a_table_only_where_one_goes_on():
    above = [
        *numbers(140, "Item", "2023", "2022"),
        *[placed for at in range(4) for placed in numbers(120 - 14 * at, f"Number {at}x", f"1{at}0", f"2{at}0")],
    ]
    below = [placed for at in range(4) for placed in numbers(740 - 14 * at, f"Later {at}x", f"3{at}0", f"4{at}0")]
    document, _ = parse([BEFORE, *above], [*below, AFTER], drawings=())
    assert [table.split("\n")[0] for table in tables(document)] == ["| Item | 2023 | 2022 |"] * 2
    document, _ = parse([BEFORE], [*below, AFTER], drawings=())
    assert not tables(document)
    assert "Later 0x 300 400" in document.text


def test_numbers_with_a_header_of_their_own_keep_it():
    def table(top: float, *years: str) -> list[Placed]:
        rows = (numbers(top - 14 * at, f"Number {at}x", f"1{at}0", f"2{at}0") for at in range(1, 5))
        return [*numbers(top, "Item", *years), *(placed for row in rows for placed in row)]

    document, _ = parse([BEFORE, *table(140, "2023", "2022")], [*table(740, "2021", "2020"), AFTER], drawings=())
    assert [table.split("\n")[0] for table in tables(document)] == ["| Item | 2023 | 2022 |", "| Item | 2021 | 2020 |"]
    assert all(table.count("\n") == 5 for table in tables(document))


def test_lines_with_a_header_like_the_one_above_keep_it():
    second = [(76.0, 740.0, "Room"), (176.0, 740.0, "Rule for guests"), (76.0, 720.0, "Hall"), (176.0, 720.0, "Shoes")]
    document, _ = parse([BEFORE, *HEADER, *FIRST], [*second, AFTER])
    assert tables(document)[1] == "| Room | Rule for guests |\n| --- | --- |\n| Hall | Shoes |"
