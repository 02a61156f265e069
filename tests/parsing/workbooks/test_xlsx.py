"""Newer workbooks: sheets as pages and tables; what is too large or hostile; the binary format."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
from typing import Any

import pytest

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.media_types import XLSX
from assistant.parsing.workbooks.xlsx import XlsxParser
from assistant.parsing.workbooks.xlsx_extent import binary_extent
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.office_parts import binary_workbook, record, wide
from tests.parsing.workbooks.books import GOOD, made, parse, workbook


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


def test_a_workbook_without_cells_is_no_success():
    with pytest.raises(EmptyDocumentError, match="no filled cells"):
        parse(workbook(Bare=[]))


def test_entities_are_refused_before_the_library_reads():
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>'
            new.writestr(name, bomb if name == "xl/sharedStrings.xml" else old.read(name))
    with pytest.raises(DamagedDocumentError, match="entity bomb"):
        parse(target.getvalue())


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
