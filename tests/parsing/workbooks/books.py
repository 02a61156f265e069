"""Workbooks made for the tests, and how they are parsed."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import xlsxwriter

from assistant.parsing.media_types import XLSX
from assistant.parsing.workbooks.xlsx import XlsxParser
from assistant.types import Document, DocumentRef

REF = DocumentRef("files", "folder/name.ext", "v1", "name.ext", "", XLSX)


def workbook(**sheets: list[tuple[int, int, object]]) -> bytes:
    """Return a workbook with values at rows and columns of sheets; a sheet named `Noted` has a comment."""
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


def made(write: Callable[[Any], None]) -> bytes:
    """Return the workbook that `write` fills."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        write(book)
    return target.getvalue()


def parse(data: bytes) -> Document:
    """Return the document of a workbook."""
    return XlsxParser().parse(REF, data)
