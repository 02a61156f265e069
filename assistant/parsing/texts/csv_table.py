"""Parser of CSV and TSV: one table, its first row the header."""

from __future__ import annotations

import csv
import io

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.decode import decode
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef

_MAX_BYTES = 50_000_000
_SAMPLE = 65_536
_MAX_FIELD = 1 << 20


class CsvParser:
    """Reads `text/csv` and `text/tab-separated-values` with any of the usual delimiters."""

    name = "csv"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a table in text form."""
        return ref.media_type in {"text/csv", "text/tab-separated-values"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the rows as a table. See `interfaces.Parser` for what is raised."""
        if len(data) > _MAX_BYTES:
            raise DocumentTooLargeError(
                f"{ref.key}: a table of {len(data):,} bytes, over the limit of {_MAX_BYTES:,} for tables in text form",
                "split it into smaller files, or load it into a database; raising max_document_bytes does not help",
            )
        text = decode(data, ref.key)
        tabs = ref.media_type == "text/tab-separated-values"
        csv.field_size_limit(_MAX_FIELD)
        try:
            rows = list(csv.reader(io.StringIO(text, newline=""), _dialect(text[:_SAMPLE], tabs=tabs)))
        except csv.Error as error:
            raise DamagedDocumentError(f"{ref.key}: not a readable table: {error}", "save it again") from error
        builder = TextBuilder()
        builder.add("table", clean(markdown_table(rows)))
        return builder.build(ref)


def _dialect(sample: str, *, tabs: bool) -> type[csv.Dialect]:
    """Return how the rows are written: the delimiter that parts the first lines most evenly."""
    lines = [line for line in sample.splitlines() if line.strip()][:50]

    def parts(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(counts), key=counts.count) if counts else 1
        return (counts.count(usual) / len(counts) if usual > 1 else 0.0, usual)

    class Dialect(csv.excel):
        delimiter = "\t" if tabs and "\t" in sample else max((",", ";", "\t", "|", ":"), key=parts)

    if parts(Dialect.delimiter)[0] == 0.0:
        Dialect.delimiter = "\t" if tabs else ","
    return Dialect
