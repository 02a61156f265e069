"""Reads what a PDF says of itself: title, authors, times and language."""

from __future__ import annotations

import ctypes
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean_title
from assistant.parsing.metadata import iso_time, language_code
from assistant.types import Metadata

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_NO_TITLE = re.compile(
    r"(?:untitled.*|microsoft (?:word|powerpoint|excel) - .*|.*\.[a-z]{2,5}|document\d*|[\W\d_]+)\Z", re.IGNORECASE
)
_NO_AUTHOR = re.compile(r"(?:unknown|anonymous|user|admin(?:istrator)?|author|owner|none|[\W\d_]*)\Z", re.IGNORECASE)
_DATE = re.compile(r"\s*(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?\s*(?:Z|([+-])(\d\d)'?(\d\d)?)?")
_MAX_AUTHORS = 50
_LANGUAGE_BYTES = 128


def pdf_title(pdf: PdfDocument) -> str:
    """Return the title that the file states, or nothing where it is a tool's own or only a number."""
    title = clean_title(pdf.get_metadata_value("Title"))
    return "" if _NO_TITLE.match(title) else title


def pdf_metadata(pdf: PdfDocument) -> Metadata:
    """Return the authors, the times and the language that the file states."""
    return Metadata(
        authors=authors(pdf.get_metadata_value("Author")),
        created=pdf_time(pdf.get_metadata_value("CreationDate")),
        modified=pdf_time(pdf.get_metadata_value("ModDate")),
        language=_language(pdf),
    )


def authors(value: str) -> tuple[str, ...]:
    """Return the names in an `Author` entry: apart by `;`, or by commas between names of more than one word."""
    parts = value.split(";")
    if len(parts) == 1:
        names = [name.strip() for name in value.split(",")]
        parts = names if all(" " in name for name in names) else [value]
    found = dict.fromkeys(clean_title(part) for part in parts)
    return tuple(name for name in found if not _NO_AUTHOR.match(name))[:_MAX_AUTHORS]


def pdf_time(value: str) -> str:
    """Return a PDF's date (`D:20240131120000+01'00'`) as ISO 8601 in UTC, empty for what is none."""
    match = _DATE.match(value)
    if match is None:
        return ""
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    zone: tzinfo = UTC
    try:
        if match[7]:
            away = timedelta(hours=int(match[8]), minutes=int(match[9] or 0))
            zone = timezone(-away if match[7] == "-" else away)
        return iso_time(datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone))
    except (ValueError, OverflowError):
        return ""


def _language(pdf: PdfDocument) -> str:
    from pypdfium2 import raw

    buffer = ctypes.create_string_buffer(_LANGUAGE_BYTES)
    length = raw.FPDFCatalog_GetLanguage(pdf, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), _LANGUAGE_BYTES)
    if not 2 < length <= _LANGUAGE_BYTES:
        return ""
    return language_code(buffer.raw[: length - 2].decode("utf-16-le", errors="ignore"))
