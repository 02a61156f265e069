"""Workbooks: sheets as pages and tables, values as people see them."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import xlsxwriter

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.media_types import XLSX
from assistant.parsing.workbooks import sheets
from assistant.parsing.workbooks.sheets import shown
from assistant.parsing.workbooks.xls import XlsParser
from assistant.parsing.workbooks.xlsx import XlsxParser
from assistant.parsing.workbooks.xlsx_extent import binary_extent, sheet_extent
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.office_parts import binary_workbook, part, picture, record, wide, with_parts

REF = DocumentRef("files", "folder/name.ext", "v1", "name.ext", "", XLSX)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook(**sheets: list[tuple[int, int, object]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, cells in sheets.items():
            sheet = book.add_worksheet(name)
            for row, column, value in cells:
                sheet.write(row, column, value)
            if name == "Noted":
                sheet.write_comment(0, 0, "Ask Ada first")
    return target.getvalue()


GOOD = workbook(
    Limits=[(0, 0, "City"), (0, 1, "Limit"), (1, 0, "Rome"), (1, 1, 120.0), (3, 0, "Valid from 2026")],
    Noted=[(0, 0, "Trains"), (0, 1, 0.5)],
    Bare=[],
)


def parse(data: bytes) -> Document:
    return XlsxParser().parse(REF, data)


class TestXlsxParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return XlsxParser()

    @pytest.fixture
    def media_type(self):
        return XLSX

    @pytest.fixture
    def good(self):
        return GOOD

    @pytest.fixture
    def words(self):
        return [
            "Limits",
            "| City | Limit |",
            "| Rome | 120 |",
            "Valid from 2026",
            "Noted",
            "| Trains | 0.5 |",
            "Ask Ada",
        ]


def test_sheets_are_pages_and_blank_rows_part_tables():
    document = parse(GOOD)
    assert [page.name for page in document.pages] == ["Limits", "Noted", "Bare"]
    assert [block.kind for block in document.blocks if block.page == 1] == ["heading", "table", "text"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (datetime.date(2026, 11, 24), "2026-11-24"),
        (datetime.datetime(2026, 11, 24, 9, 30), "2026-11-24 09:30"),  # noqa: DTZ001 (a sheet's cells have no zone)
        (datetime.datetime(2026, 11, 24), "2026-11-24"),  # noqa: DTZ001
        (" a\x00 ", "a"),
    ],
)
def test_values_are_shown_as_people_see_them(value: object, text: str):
    assert shown(value) == text


def test_a_workbook_without_cells_is_no_success():
    with pytest.raises(EmptyDocumentError, match="no filled cells"):
        parse(workbook(Bare=[]))


def test_a_sheet_far_larger_than_its_content_is_refused():
    with pytest.raises(DocumentTooLargeError, match="far larger than its content"):
        parse(workbook(Wide=[(0, 0, "a"), (100_000, 16_000, "b")]))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "MAX_CELLS", 5)
    with pytest.raises(DocumentTooLargeError, match="more than 5 filled cells"):
        parse(GOOD)


def test_entities_are_refused_before_the_library_reads():
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>'
            new.writestr(name, bomb if name == "xl/sharedStrings.xml" else old.read(name))
    with pytest.raises(DamagedDocumentError, match="entity bomb"):
        parse(target.getvalue())


class TestXls:
    REF = DocumentRef("files", "a.xls", "v1", "a.xls", "", "application/vnd.ms-excel")

    def test_what_is_none(self):
        assert XlsParser().accepts(self.REF)
        with pytest.raises(EmptyDocumentError):
            XlsParser().parse(self.REF, b"")
        with pytest.raises(DamagedDocumentError, match="not an older Excel"):
            XlsParser().parse(self.REF, b"rubbish" * 300)
        with pytest.raises(DamagedDocumentError):
            XlsParser().parse(self.REF, OLE + bytes(4000))

    def test_a_locked_newer_one(self):
        with pytest.raises(EncryptedDocumentError, match="password"):
            XlsParser().parse(self.REF, OLE + bytes(4000) + "EncryptedPackage".encode("utf-16-le"))


def made(write: Callable[[Any], None]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        write(book)
    return target.getvalue()


def test_hidden_sheets_are_read_and_sheets_of_charts_are_pages():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write_column(0, 0, ["City", "Rome", "Oslo"])
        sheet.write_column(0, 1, ["Limit", 120, 90])
        chart = book.add_chart({"type": "column"})
        chart.add_series({"name": "Limit", "categories": "=Data!$A$2:$A$3", "values": "=Data!$B$2:$B$3",
                          "categories_data": ["Rome", "Oslo"], "values_data": [120, 90]})  # fmt: skip
        chart.set_title({"name": "Limits by city"})
        chart.set_x_axis({"name": "Where"})
        hidden = book.add_worksheet("Hidden")
        hidden.write(5, 5, "Secret")
        hidden.hide()
        book.add_chartsheet("Chart").set_chart(chart)

    document = parse(made(write))
    check_document(document)
    assert [page.name for page in document.pages] == ["Data", "Hidden", "Chart"]
    assert "Hidden\n\nSecret" in document.text
    chart = "Chart\n\nLimits by city\n\n|  | Limit |\n| --- | --- |\n| Rome | 120 |\n| Oslo | 90 |\n\nWhere"
    assert document.text[document.pages[2].start :] == chart


def test_comments_have_their_cell_and_their_author():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write(0, 0, "Trains")
        sheet.write_comment("B2", "Ask first", {"author": "Ada"})

    data = made(write)
    assert parse(data).text == "Data\n\nTrains\n\n[B2, Ada] Ask first"
    people = '<personList><person id="{P}" displayName="Bob"/></personList>'
    thread = (
        '<T><threadedComment ref="B2" personId="{P}" dT="2026-01-02T10:00:00.5"><text>Why?</text></threadedComment></T>'
    )
    link = '<Relationship Id="{}" Type="http://o/{}" Target="{}"/></Relationships>'
    sheet, book = "xl/worksheets/_rels/sheet1.xml.rels", "xl/_rels/workbook.xml.rels"
    end = "</Relationships>"
    threaded = with_parts(data, {
        "xl/persons/person.xml": people,
        "xl/threadedComments/t1.xml": thread,
        sheet: part(data, sheet).replace(end, link.format("t", "threadedComment", "../threadedComments/t1.xml")),
        book: part(data, book).replace(end, link.format("p", "person", "persons/person.xml")),
        "xl/comments1.xml": part(data, "xl/comments1.xml").replace(">Ada<", ">tc={P}<"),
    })  # fmt: skip
    assert parse(threaded).text == "Data\n\nTrains\n\n[B2, Bob, 2026-01-02T10:00:00] Why?"


def test_pictures_and_shapes():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.write(0, 0, "Trains")
        sheet.insert_image(2, 2, "a.png", {"image_data": io.BytesIO(picture()), "description": "A red square"})
        sheet.insert_textbox(9, 2, "Note this")

    document = parse(made(write))
    check_document(document)
    assert document.text == "Data\n\nTrains\n\nA red square\n\nNote this"
    assert [(one.page, one.data) for one in document.pictures] == [(1, picture())]


def test_labels_of_merged_cells_are_repeated_where_rows_and_columns_need_them():
    def write(book: Any) -> None:
        sheet = book.add_worksheet("Data")
        sheet.merge_range("B1:E1", "Sums of all")
        sheet.merge_range("C2:D2", "Both")
        sheet.merge_range("B3:B4", "East")
        sheet.write_row("C3", [1, 2])
        sheet.write_row("C4", [3, 4])

    expected = "| Sums of all |  |  |\n| --- | --- | --- |\n|  | Both | Both |\n| East | 1 | 2 |\n| East | 3 | 4 |"
    assert parse(made(write)).text == f"Data\n\n{expected}"


def test_a_sheet_that_is_blank_has_its_heading():
    document = parse(made(lambda book: (book.add_worksheet("Bare"), book.add_worksheet("Full").write(9, 9, 1))))
    check_document(document)
    assert document.text == "Bare\n\nFull\n\n1"
    assert [page.name for page in document.pages] == ["Bare", "Full"]


def test_what_the_workbook_says_of_itself():
    def write(book: Any) -> None:
        book.set_properties({"title": "Limits", "author": "Ada", "created": datetime.datetime(2026, 11, 24, 12)})  # noqa: DTZ001
        book.add_worksheet().write(0, 0, "x")

    document = parse(made(write))
    assert document.ref.title == "Limits"
    assert document.metadata.authors == ("Ada",)
    assert document.metadata.created == "2026-11-24T12:00:00Z"


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


class TestXlsb:
    REF = DocumentRef("files", "a.xlsb", "v1", "a", "", "application/vnd.ms-excel.sheet.binary.macroenabled.12")

    def test_cells_and_comments(self):
        comments = record(632, wide("Ada")) + record(635, struct.pack("<5I", 0, 1, 1, 2, 2) + bytes(16))
        comments += record(637, b"\0" + wide("Why?"))
        document = XlsxParser().parse(self.REF, binary_workbook({(0, 0): "City", (0, 1): "Limit"}, comments))
        check_document(document)
        assert document.text == "Data\n\n| City | Limit |\n| --- | --- |\n\n[C2, Ada] Why?"

    def test_a_small_file_with_cells_far_apart_is_refused_before_it_takes_memory(self):
        with pytest.raises(DocumentTooLargeError, match="far larger than its content"):
            XlsxParser().parse(self.REF, binary_workbook({(0, 0): "a", (1_048_575, 16_383): "b"}))

    def test_a_part_that_is_cut_off(self):
        assert binary_extent(record(0, bytes(4)) + record(6, struct.pack("<I", 7)) + b"\xff") == (1, 1)
