"""Writes the sheets of a workbook: a page and a heading each, and tables where blank rows part them."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Sequence
from typing import Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef, Page

MAX_CELLS = 2_000_000
MAX_AREA = 20_000_000  # cells of a sheet's rectangle, blank ones included


def read_workbook(ref: DocumentRef, data: bytes, notes: Sequence[str] = ()) -> Document:
    """Return a workbook's sheets.

    Args:
        ref: the document.
        data: its bytes, found safe to unpack.
        notes: more text that belongs to it (comments, charts), written after the sheets.

    Raises:
        DamagedDocumentError, EncryptedDocumentError, EmptyDocumentError, DocumentTooLargeError: as named.
    """
    import python_calamine as calamine

    builder, pages, cells = TextBuilder(), list[Page](), 0
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for name in _worksheets(book, calamine):
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height * sheet.total_width > MAX_AREA:
                    raise too_large(ref.key)
                before = builder.length
                builder.add("heading", clean_title(name), level=1, page=len(pages) + 1)
                cells += _sheet(ref.key, sheet.iter_rows(), builder, len(pages) + 1, cells)
                pages.append(builder.page_since(before, len(pages) + 1, clean_title(name)))
    except calamine.PasswordError as error:
        cause = f"{ref.key}: the workbook asks for a password"
        raise EncryptedDocumentError(cause, "store a copy without password") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        cause = " ".join(str(error).split())[:200]
        raise DamagedDocumentError(f"{ref.key}: not a readable workbook: {cause}", "save it again") from error
    for note in notes:
        builder.add("text", clean(note).strip())
    if not cells and not notes:
        raise EmptyDocumentError(f"{ref.key}: the workbook has no filled cells", "pictures of text need OCR")
    return builder.build(ref, pages=pages)


def _worksheets(book: Any, calamine: Any) -> list[str]:
    kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
    return [name for name in book.sheet_names if kinds.get(name) == calamine.SheetTypeEnum.WorkSheet]


def _sheet(key: str, rows: Iterable[Sequence[object]], builder: TextBuilder, page: int, before: int) -> int:
    """Write a sheet's tables and return how many of its cells have text."""
    table: list[list[str]] = []
    found = 0
    for row in rows:
        cells = [shown(value) for value in row]
        filled = sum(map(bool, cells))
        found += filled
        if before + found > MAX_CELLS:
            raise too_large(key)
        if filled:
            table.append(cells)
        elif table:
            _write(builder, table, page)
            table = []
    _write(builder, table, page)
    return found


def _write(builder: TextBuilder, table: Sequence[Sequence[str]], page: int) -> None:
    """Write rows as a table, or as a line of text where it is a single cell."""
    words = [cell for row in table for cell in row if cell]
    if len(words) == 1:
        builder.add("text", words[0], page=page)
    else:
        builder.add("table", markdown_table(table), page=page)


def shown(value: object) -> str:
    """Return a cell's value as people see it: dates in ISO's form, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "minutes") if value.time() != datetime.time() else value.date().isoformat()
    return clean(str(value)).strip()


def too_large(key: str) -> DocumentTooLargeError:
    """Return the error for a workbook with too many cells."""
    return DocumentTooLargeError(
        f"{key}: the workbook has more than {MAX_CELLS:,} filled cells, or a sheet far larger than its content",
        "split it, or load it into a database",
    )
