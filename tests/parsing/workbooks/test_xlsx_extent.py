"""How far a sheet reaches: cells far apart are refused before they take memory."""

from __future__ import annotations

import pytest

from assistant.errors import DocumentTooLargeError
from assistant.parsing.workbooks.xlsx_extent import sheet_extent
from tests.fakes.office_parts import part, with_parts
from tests.parsing.workbooks.books import GOOD, parse, workbook


def test_a_sheet_far_larger_than_its_content_is_refused():
    with pytest.raises(DocumentTooLargeError, match="far larger than its content"):
        parse(workbook(Wide=[(0, 0, "a"), (100_000, 16_000, "b")]))


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c><v>1</v></c></row><row r="1048576"><c x="&gt;>" r="XFD1048576"><v>1</v></c></row>',
        f'<row r="1">{"<c><v>1</v></c>" * 30}</row><row r="1048576"><c><v>1</v></c></row>',
    ],
)
def test_cells_far_apart_are_refused_however_they_are_written(cells: str):
    name = "xl/worksheets/sheet1.xml"
    old = part(GOOD, name)
    start, end = old.index("<sheetData>") + 11, old.index("</sheetData>")
    with pytest.raises(DocumentTooLargeError, match="far larger than its content"):
        parse(with_parts(GOOD, {name: old[:start] + cells + old[end:]}))


def test_blank_cells_do_not_count():
    extent = sheet_extent(b'<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>1</v></c><c r="XFD3" s="1"/></row>')
    assert extent == (2, 3)
