"""Parser of DOCX: headings, paragraphs, lists, tables, formulas, drawings, comments and notes in their order."""

from __future__ import annotations

import posixpath
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.docx.alt_chunk import AltChunks, Nesting
from assistant.parsing.docx.inline import NoteNumbers
from assistant.parsing.docx.numbering import Numbering
from assistant.parsing.docx.reader import BodyReader
from assistant.parsing.docx.running import Comments, RunningTexts, note_lines
from assistant.parsing.docx.styles import Styles, value_of
from assistant.parsing.metadata import language_code
from assistant.parsing.ooxml.core import core_properties
from assistant.parsing.ooxml.package import Package, find_child, local_name
from assistant.parsing.ooxml.relations import Relation, relations
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFF = frozenset({"0", "false", "off"})


class DocxParser:
    """Reads DOCX and its macro and template variants. The format knows no pages, so the document has none."""

    name = "docx"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a Word document of the XML kind."""
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
        return ref.media_type.startswith((word, "application/vnd.ms-word.document.macroenabled"))

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the document's text. See `interfaces.Parser` for what is raised.

        Lists and headings are numbered as Word shows them, formulas are LaTeX, a comment follows the paragraph that it
        is on, and notes stand at the end. A header or footer is given once, where its section begins or ends. Deleted
        revisions are not part of the text, nor are pictures in headers and footers. Files of other formats that stand
        in the text are read where they stand.
        """
        return _parsed(ref, data, Nesting())


def _parsed(ref: DocumentRef, data: bytes, nesting: Nesting) -> Document:
    """Return a document that stands alone or in another."""
    with Package(ref.key, data) as package:
        main = package.main_part()
        root = package.xml(main)
        body = find_child(root, "body")
        if body is None:
            raise DamagedDocumentError(f"{ref.key}: not a Word document: it has no body", "open and save it again")
        parts = _Parts(package, main)
        styles = Styles(parts.root("styles"))
        chunks = AltChunks(ref, package, parts.relations, nesting, _parsed)
        reader = _read(body, package, parts, styles, chunks)
        title, metadata = core_properties(package)
    if not reader.builder:
        raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
    if not metadata.language:
        metadata = replace(metadata, language=_language(body))
    return reader.builder.build(ref, title or reader.title or reader.builder.first_heading(), (), metadata)


class _Parts:
    """The parts that the main one names."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._folder = posixpath.dirname(main)
        self.relations: dict[str, Relation] = relations(package, main)

    def root(self, kind: str) -> _Element | None:
        """Return the root of the part of a kind, e.g. `styles`; of one that no relation names, by its usual name."""
        named = (relation.target for relation in self.relations.values() if relation.kind == kind)
        return self._package.xml(next(named, posixpath.join(self._folder, f"{kind}.xml")))

    def by_id(self, identity: str) -> _Element | None:
        """Return the root of the part that a relation leads to."""
        relation = self.relations.get(identity)
        return self._package.xml(relation.target) if relation is not None else None


def _read(body: _Element, package: Package, parts: _Parts, styles: Styles, chunks: AltChunks) -> BodyReader:
    notes = NoteNumbers()
    even = find_child(parts.root("settings"), "evenAndOddHeaders")
    running = RunningTexts(body, parts.by_id, even is not None and value_of(even) not in _OFF, notes)
    comments = Comments(parts.root("comments"), notes)
    numbering = Numbering(parts.root("numbering"))
    reader = BodyReader(package, parts.relations, styles, numbering, notes, comments, running, chunks)
    reader.read_body(body)
    for kind in ("footnote", "endnote"):
        for line in note_lines(parts.root(f"{kind}s"), kind, notes):
            reader.builder.add("text", line)
    return reader


def _language(body: _Element) -> str:
    """Return the language that more than half of the text is marked as.

    The default style's is not asked: it is that of the program's template, and often not that of the text.
    """
    letters: Counter[str] = Counter()
    for run in body.iter():
        if local_name(run) == "r":
            stated = language_code(value_of(find_child(run, "rPr", "lang")))
            letters[stated] += sum(len(part.text or "") for part in run if local_name(part) == "t")
    language, most = next(iter(letters.most_common(1)), ("", 0))
    return language if most * 2 > letters.total() else ""
