"""The tables of documents with types for their columns, as a query needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from assistant.types import Block, Document, DocumentInfo

_MEDIA = (
    "text/csv",
    "text/tab-separated-values",
    "application/vnd.openxmlformats-officedocument.spreadsheetml",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
)
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")  # no zeros in front: those are numbers of staff, of articles, of houses
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d+)?([eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a document.

    Attributes:
        name: for queries.
        document: where it stands.
        block: its place there.
        columns: name and DuckDB type of each.
        values: by column, in the order of the rows; None for an empty cell.
    """

    name: str
    document: Document
    block: Block
    columns: tuple[tuple[str, str], ...]
    values: tuple[tuple[str | None, ...], ...]

    @property
    def rows(self) -> int:
        """How many rows it has, the header left out."""
        return len(self.values[0])

    @property
    def cells(self) -> int:
        """How many cells it has, the header's left out."""
        return self.rows * len(self.columns)


def holds_tables(info: DocumentInfo) -> bool:
    """Whether the document is of a kind that consists of tables."""
    return info.ref.media_type.startswith(_MEDIA)


def sheets_of(documents: Iterable[Document]) -> list[Sheet]:
    """Return all tables of the documents, in order; those without a row below the header are left out."""
    taken: set[str] = set()
    found = []
    for document in documents:
        pages = {page.number: page.name for page in document.pages}
        for block in document.blocks:
            header, *rows = _cells(block) or [[]]
            if rows:
                stem = PurePosixPath(document.ref.key).stem
                sheet = pages.get(block.page or 0, "")
                name = _unique(_word(f"{stem} {sheet}"), taken)
                found.append(_sheet(name, document, block, header, rows))
    return found


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def _cells(block: Block) -> list[list[str]]:
    """Return header and rows of a table that `parsing.tables.markdown_table` wrote."""
    lines = block.text.strip().splitlines() if block.kind == "table" else []
    return [
        [cell.replace("\\|", "|").strip() for cell in line[2:-2].split(" | ")]
        for number, line in enumerate(lines)
        if number != 1 and line.startswith("| ") and line.endswith(" |")
    ]


def _sheet(name: str, document: Document, block: Block, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Sheet:
    width = max(len(header), *(len(row) for row in rows))
    taken: set[str] = set()
    names = [
        _unique(header[at] if at < len(header) and header[at] else f"column {at + 1}", taken) for at in range(width)
    ]
    values = tuple(tuple((row[at] or None) if at < len(row) else None for row in rows) for at in range(width))
    return Sheet(name, document, block, tuple(zip(names, map(_type, values), strict=True)), values)


def _type(values: Sequence[str | None]) -> str:
    given = [value for value in values if value is not None]
    checks: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("BIGINT", _WHOLE.fullmatch),
        ("DOUBLE", _DECIMAL.fullmatch),
        ("DATE", _is_date),
    )
    for kind, fits in checks:
        if given and all(fits(value) for value in given):
            return kind
    return "VARCHAR"


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _word(text: str) -> str:
    return re.sub(r"\W+", "_", text.lower()).strip("_") or "table"


def _unique(name: str, taken: set[str]) -> str:
    """Return the name, with a number where one like it (in any case) is taken."""
    found, number = name, 1
    while found.lower() in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found.lower())
    return found
