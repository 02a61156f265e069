"""Reads the files of other formats that a Word document shows as parts of its text (`altChunk`)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title, paragraphs
from assistant.parsing.decode import decode
from assistant.parsing.legacy.rtf import RtfParser
from assistant.parsing.mail.eml import body_document
from assistant.parsing.media_types import DOCX, OCTETS, detect_media_type
from assistant.parsing.ooxml.package import Package, attribute
from assistant.parsing.ooxml.relations import Relation
from assistant.parsing.web.html import HtmlParser
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_DEPTH = 3  # of documents in documents
_MAX_CHUNKS = 1_000  # in a document and all that are in it
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def _plain_text(ref: DocumentRef, data: bytes) -> Document:
    builder, text = TextBuilder(), clean(decode(data, ref.key))
    for start, end in paragraphs(text):
        builder.add("text", text[start:end])
    return builder.build(ref)


_READERS: dict[str, Callable[[DocumentRef, bytes], Document]] = {
    "text/html": HtmlParser().parse,
    "application/xhtml+xml": HtmlParser().parse,
    "text/plain": _plain_text,
    "application/rtf": RtfParser().parse,
    "text/rtf": RtfParser().parse,
    "message/rfc822": body_document,  # a web page saved with its pictures
    "multipart/related": body_document,
}


@dataclass(frozen=True, slots=True)
class Nesting:
    """How deep a document stands in others, and how many chunks may still be read in the outermost one."""

    depth: int = 0
    left: list[int] = field(default_factory=lambda: [_MAX_CHUNKS])

    def deeper(self) -> Nesting:
        """Return the nesting of a document in this one."""
        return Nesting(self.depth + 1, self.left)


class AltChunks:
    """The files that a document shows; each is read once.

    Args:
        ref: the document.
        package: it as a package.
        relations: of its main part.
        nesting: where it stands.
        parse_docx: reads a Word document in this one.
    """

    def __init__(
        self,
        ref: DocumentRef,
        package: Package,
        relations: Mapping[str, Relation],
        nesting: Nesting,
        parse_docx: Callable[[DocumentRef, bytes, Nesting], Document],
    ) -> None:
        self._ref = ref
        self._package = package
        self._relations = relations
        self._nesting = nesting
        self._parse_docx = parse_docx
        self._seen: set[str] = set()

    def read(self, chunk: _Element) -> Document | None:
        """Return what a chunk shows, or the words that it could not be read and why; None if there is nothing."""
        relation = self._relations.get(attribute(chunk, "id") or "")
        if relation is None or relation.target in self._seen:
            return None
        self._seen.add(relation.target)
        try:
            data = self._package.part(relation.target) or b""
            return self._parsed(relation.target, data)
        except EmptyDocumentError:
            return None
        except DamagedDocumentError:
            return self._unread(relation.target, "damaged")
        except EncryptedDocumentError:
            return self._unread(relation.target, "encrypted")
        except DocumentTooLargeError:
            return self._unread(relation.target, "too large")

    def _parsed(self, name: str, data: bytes) -> Document | None:
        media_type = self._media_type(name, data)
        parse = _READERS.get(media_type)
        word = media_type.startswith(_WORD)
        if parse is None and not word:
            return self._unread(name, f"of the type {media_type}")
        if self._nesting.left[0] <= 0:
            return self._unread(name, "one of too many such parts")
        if word and self._nesting.depth >= _MAX_DEPTH:
            return self._unread(name, "nested too deeply")
        self._nesting.left[0] -= 1
        ref = replace(self._ref, media_type=media_type)
        return self._parse_docx(ref, data, self._nesting.deeper()) if parse is None else parse(ref, data)

    def _media_type(self, name: str, data: bytes) -> str:
        """Return what a part is: by its content where that tells, else as the package declares it, else by its name."""
        if data.startswith((b"PK", b"{\\rtf")):
            found = detect_media_type(f"x{posixpath.splitext(name)[1]}", data)
            return DOCX if found.startswith(_WORD) else found
        declared = self._declared(name)
        return declared if declared in _READERS else detect_media_type(name, data) or OCTETS

    def _declared(self, name: str) -> str:
        types = self._package.xml("[Content_Types].xml")
        by_extension = ""
        for element in types if types is not None else ():
            kind = (attribute(element, "ContentType") or "").partition(";")[0].strip().lower()
            if (attribute(element, "PartName") or "").lstrip("/") == name:
                return kind
            if (attribute(element, "Extension") or "").lower() == posixpath.splitext(name)[1][1:].lower():
                by_extension = kind
        return by_extension

    def _unread(self, name: str, reason: str) -> Document:
        builder = TextBuilder()
        builder.add("text", f"{clean_title(name)} ({reason}, not read)")
        return builder.build(self._ref)
