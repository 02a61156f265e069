"""Parser of Excel workbooks (XLSX, XLSM, XLSB): sheets as tables, with comments, charts, shapes and pictures."""

from __future__ import annotations

from assistant.parsing.media_types import XLSX
from assistant.parsing.ooxml.core import core_properties
from assistant.parsing.ooxml.package import Package
from assistant.parsing.ooxml.relations import check_parts
from assistant.parsing.workbooks.sheets import check_extent, read_workbook
from assistant.parsing.workbooks.xlsx_extent import binary_extent, sheet_extent
from assistant.parsing.workbooks.xlsx_extras import WorkbookExtras
from assistant.types import Document, DocumentRef

_TYPES = frozenset(
    {XLSX, "application/vnd.ms-excel.sheet.macroenabled.12", "application/vnd.ms-excel.sheet.binary.macroenabled.12"}
)


class XlsxParser:
    """Reads Office Open XML workbooks; a sheet is a page. Formulas are read as the values stored for them."""

    name = "xlsx"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is such a workbook."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the sheets' text. See `interfaces.Parser` for what is raised."""
        with Package(ref.key, data) as package:
            main = package.main_part()
            check_parts(package, "xl/")
            extras = WorkbookExtras(package, main)
            parts = {part.lower() for part in extras.sheets().values()}
            for name in package.names():
                _check_sheet(package, ref.key, name, name.lower() in parts)
            title, metadata = core_properties(package)
            beside = extras.by_sheet()
        return read_workbook(ref, data, beside, title, metadata)


def _check_sheet(package: Package, key: str, name: str, named: bool) -> None:
    """Measure a part that is, or may be taken for, a sheet."""
    if name.startswith("xl/media/") and not named:
        return
    if name.lower().endswith(".bin"):
        if named or "worksheets/" in name.lower():
            check_extent(key, binary_extent(package.checked_part(name)))
    elif named or name.lower().endswith(".xml"):
        content = package.checked_part(name)
        if b"sheetData" in content:
            check_extent(key, sheet_extent(content))
