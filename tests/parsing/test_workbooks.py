"""Workbooks: sheets as pages and tables, values as people see them."""

from __future__ import annotations

import datetime
import io
import zipfile

import pytest
import xlsxwriter

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing import sheets
from assistant.parsing.media_types import XLSX
from assistant.parsing.sheets import shown
from assistant.parsing.xls import XlsParser
from assistant.parsing.xlsx import XlsxParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

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
