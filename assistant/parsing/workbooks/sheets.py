"""Writes the sheets of a workbook: a page and a heading each, and tables where blank rows part them."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.ooxml.package import locked
from assistant.parsing.tables import Merged, fill_merged, markdown_table
from assistant.types import BlockKind, Document, DocumentRef, Metadata, Page

MAX_CELLS = 2_000_000
MAX_AREA = 20_000_000  # cells of a sheet's rectangle, blank ones included
_SMALL_AREA = 6_000_000  # what the library needs for it, a few hundred MB, is fine for any file
_MAX_SPARSE = 20  # above that, cells of the rectangle for each that is filled


@dataclass(frozen=True, slots=True)
class Extra:
    """What a sheet shows beside its cells: a comment, the words of a shape, a chart's figures, or a picture."""

    kind: BlockKind
    text: str
    picture: bytes = b""


def read_workbook(
    ref: DocumentRef,
    data: bytes,
    extras: Mapping[str, Sequence[Extra]] | None = None,
    title: str = "",
    metadata: Metadata | None = None,
) -> Document:
    """Return a workbook's sheets, hidden ones included.

    Args:
        ref: the document.
        data: its bytes, found safe to unpack.
        extras: by the sheets' names, what is written after their cells.
        title: the workbook's own title, if any.
        metadata: what the workbook says of itself.

    Raises:
        DamagedDocumentError, EncryptedDocumentError, EmptyDocumentError, DocumentTooLargeError: as named.
    """
    import python_calamine as calamine

    writer = _Writer(ref.key)
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            for name, has_cells in _shown_sheets(book, calamine):
                writer.sheet(name, book.get_sheet_by_name(name) if has_cells else None, (extras or {}).get(name, ()))
    except calamine.PasswordError as error:
        raise locked(ref.key, "workbook") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        cause = " ".join(str(error).split())[:200]
        raise DamagedDocumentError(f"{ref.key}: not a readable workbook: {cause}", "save it again") from error
    if not writer.filled:
        raise EmptyDocumentError(f"{ref.key}: the workbook has no filled cells", "pictures of text need OCR")
    return writer.builder.build(ref, title, writer.pages, metadata)


def _shown_sheets(book: Any, calamine: Any) -> list[tuple[str, bool]]:
    """Return the names of the sheets of cells and of the charts that take a sheet, and whether each has cells."""
    kinds = {sheet.name: sheet.typ for sheet in book.sheets_metadata}
    cells, chart = calamine.SheetTypeEnum.WorkSheet, calamine.SheetTypeEnum.ChartSheet
    return [(name, kinds[name] == cells) for name in book.sheet_names if kinds.get(name) in (cells, chart)]


class _Writer:
    def __init__(self, key: str) -> None:
        self.builder = TextBuilder()
        self.pages: list[Page] = []
        self.filled = 0  # cells and extras with text
        self._key = key
        self._merged: dict[int, list[Merged]] = {}

    def sheet(self, name: str, sheet: Any | None, extras: Sequence[Extra]) -> None:
        """Write a sheet as the next page; one without any text has its heading alone."""
        number, before, name = len(self.pages) + 1, self.builder.length, clean_title(name)
        self.builder.add("heading", name, level=1, page=number)
        if sheet is not None and sheet.start is not None:
            if (sheet.end[0] + 1) * (sheet.end[1] - sheet.start[1] + 1) > MAX_AREA:
                raise too_large(self._key)
            self._merged = {}
            for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
                first = sheet.start[1]  # the rows begin with this column
                self._merged.setdefault(top, []).append(Merged(top, left - first, bottom, right - first))
            self._rows(sheet.iter_rows(), number)
        for extra in extras:
            text = clean(extra.text).strip()
            self.filled += bool(text)
            if extra.picture:
                self.builder.add_picture(extra.picture, text=text, page=number)
            else:
                self.builder.add(extra.kind, text, page=number)
        self.pages.append(self.builder.page_since(before, number, name))

    def _rows(self, rows: Iterable[Sequence[object]], page: int) -> None:
        table: dict[int, list[str]] = {}
        for number, row in enumerate(rows):
            cells = [shown(value) for value in row]
            filled = sum(map(bool, cells))
            self._count(filled)
            if filled:
                table[number] = cells
            elif table:
                self._write(table, page)
                table = {}
        self._write(table, page)

    def _write(self, table: dict[int, list[str]], page: int) -> None:
        """Write rows as a table, or as a line of text where it is a single cell."""
        words = [cell for row in table.values() for cell in row if cell]
        if len(words) == 1:
            self.builder.add("text", words[0], page=page)
        elif words:
            cells = (cell for number in table for cell in self._merged.get(number, ()))
            self._count(fill_merged(table, cells))
            self.builder.add("table", markdown_table(list(table.values())), page=page)

    def _count(self, cells: int) -> None:
        self.filled += cells
        if self.filled > MAX_CELLS:
            raise too_large(self._key)


def check_extent(key: str, extent: tuple[int, int]) -> None:
    """Refuse a sheet for whose rectangle the library would fill far more memory than the file is worth.

    Args:
        key: the document's key.
        extent: how many cells are filled, and how many the rectangle around them has.
    """
    filled, area = extent
    if area > MAX_AREA or (area > _SMALL_AREA and area > _MAX_SPARSE * filled):
        raise too_large(key)


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
