"""Parser of OpenDocument texts, sheets and presentations: one reader of their common content.xml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.metadata import iso_time, language_code
from assistant.parsing.odf.reader import OdfReader
from assistant.parsing.odf.styles import OdfStyles
from assistant.parsing.ooxml.package import Package, find_child, local_name, locked
from assistant.types import Document, DocumentRef, Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_PREFIX = "application/vnd.oasis.opendocument."
_TYPES = frozenset({f"{_PREFIX}text", f"{_PREFIX}spreadsheet", f"{_PREFIX}presentation"})


class OdfParser:
    """Reads ODT, ODS and ODP; a slide is a page named by its title, and a sheet one named as the file names it."""

    name = "odf"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an OpenDocument text, sheet or presentation."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with headings, lists, tables and pages. See `interfaces.Parser` for what is raised."""
        with Package(ref.key, data) as package:
            manifest = _optional(package, "META-INF/manifest.xml")
            if manifest is not None and any(local_name(one) == "encryption-data" for one in manifest.iter()):
                raise locked(ref.key)
            root = package.xml("content.xml")
            body = find_child(root, "body")
            if body is None:
                raise DamagedDocumentError(f"{ref.key}: not an OpenDocument file: no content", "save it again")
            meta = find_child(_optional(package, "meta.xml"), "meta")
            styles = _optional(package, "styles.xml")
            reader = OdfReader(ref.key, package, OdfStyles(styles, root))
            running = find_child(styles, "master-styles") if find_child(body, "text") is not None else None
            reader.read_running(running, "header")
            reader.read(body)
            reader.read_running(running, "footer")
        if not reader.builder:
            raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
        title = _stated(meta, "title") or reader.title or reader.builder.first_heading()
        return reader.builder.build(ref, title, reader.pages, _metadata(meta))


def _optional(package: Package, name: str) -> _Element | None:
    """Return the root of a part that a document is readable without; old files declare a document type in some."""
    try:
        return package.xml(name)
    except DamagedDocumentError:
        return None


def _metadata(meta: _Element | None) -> Metadata:
    author = _stated(meta, "initial-creator") or _stated(meta, "creator")
    return Metadata(
        authors=(author,) if author else (),
        created=iso_time(_stated(meta, "creation-date")),
        modified=iso_time(_stated(meta, "date")),
        language=language_code(_stated(meta, "language")),
    )


def _stated(meta: _Element | None, name: str) -> str:
    found = find_child(meta, name)
    return " ".join(clean((found.text or "") if found is not None else "").split())
