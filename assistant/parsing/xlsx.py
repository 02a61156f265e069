"""Parser of Excel workbooks (XLSX, XLSM, XLSB): sheets as tables, with comments and the words of charts and shapes."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from assistant.parsing.media_types import XLSX
from assistant.parsing.ooxml import Package, local_name
from assistant.parsing.sheets import MAX_AREA, read_workbook, too_large
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from lxml.etree import _Element

_TYPES = frozenset(
    {XLSX, "application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-excel.sheet.binary.macroenabled.12"}
)
_PARTS = re.compile(r"xl/(?:comments|threadedComments/|charts/chart|drawings/drawing)[^/]*\.xml\Z")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]{0,200}?\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_PARAGRAPHS = frozenset({"comment", "threadedComment", "p", "tx", "cat", "val"})


class XlsxParser:
    """Reads Office Open XML workbooks; a sheet is a page. Formulas are read as the values stored for them."""

    name = "xlsx"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is such a workbook."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the sheets' text. See `interfaces.Parser` for what is raised."""
        notes: list[str] = []
        with Package(ref.key, data) as package:
            for name in sorted(package.names()):
                if _PARTS.match(name):
                    root = package.xml(name)
                    notes += [] if root is None else _words(root)
                elif name.startswith("xl/") and name.endswith((".xml", ".bin")):
                    content = package.checked_part(name)
                    if name.startswith("xl/worksheets/"):
                        _check_extent(ref.key, content)
        return read_workbook(ref, data, notes)


def _check_extent(key: str, sheet: bytes) -> None:
    """Refuse a sheet whose cells lie so far apart that the library would fill all its memory with what is between."""
    rows = columns = 0
    for found in _CELL.finditer(sheet):
        rows = max(rows, int(found[2]))
        columns = max(columns, functools.reduce(lambda number, letter: number * 26 + letter - 64, found[1], 0))
    if rows * columns > MAX_AREA:
        raise too_large(key)


def _words(root: _Element) -> list[str]:
    """Return the text of a comment, chart or drawing part, a paragraph or series an item."""
    found: list[str] = []
    seen: set[_Element] = set()
    for element in root.iter():
        if local_name(element) not in _PARAGRAPHS or any(above in seen for above in element.iterancestors()):
            continue
        seen.add(element)
        parts = [part.text or "" for part in element.iter() if local_name(part) in {"t", "v", "text"}]
        text = " ".join(" ".join(parts).split())
        if text:
            found.append(text)
    return found
