"""Parser of EPUB: the chapters in reading order, each read as HTML and a page of its own, with their pictures."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant.errors import (
    DamagedDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
)
from assistant.parsing.builder import TextBuilder, clean_title
from assistant.parsing.data_uri import picture_of
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.web.epub_metadata import book_metadata
from assistant.parsing.web.html import read_page
from assistant.types import Document, DocumentRef, Metadata, Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_CHAPTERS = 5000
_MAX_PICTURE_BYTES = 100_000_000  # of all pictures of a book; those after them are there by their words only


class EpubParser:
    """Reads `application/epub+zip`; a page is a chapter's file, named by its first heading."""

    name = "epub"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an EPUB."""
        return ref.media_type == "application/epub+zip"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the chapters' text, blocks, pictures and pages. See `interfaces.Parser` for what is raised."""
        builder = TextBuilder()
        pages: list[Page] = []
        with Package(ref.key, data) as package:
            book = _read_book(ref.key, package)
            shelf = _Pictures(package)
            if cover := shelf.find(book.cover):
                builder.add_picture(cover, page=1)
            locked = _locked(package)
            for chapter in book.chapters:
                if chapter in locked:
                    raise EncryptedDocumentError(f"{ref.key}: the book is locked (DRM)", "store a copy without it")
                content = package.part(chapter)
                if content is None:
                    raise DamagedDocumentError(f"{ref.key}: the chapter {chapter} is missing", "get the book again")
                shelf.folder = posixpath.dirname(chapter)
                _add_chapter(ref, content, shelf, builder, pages)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the book has no text", "pictures of text need OCR")
        return builder.build(ref, book.title or builder.first_heading(), pages, book.metadata)


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package file tells: the names of the chapters' files in reading order, and of the cover's picture."""

    chapters: list[str]
    cover: str
    title: str
    metadata: Metadata


class _Pictures:
    """Finds the pictures that chapters show; `folder` is the present chapter's."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._left = _MAX_PICTURE_BYTES
        self.folder = ""

    def find(self, address: str) -> bytes | None:
        """Return the picture at an address in a chapter, None if it is not in the book or cannot be unpacked."""
        if not address or address[:5].lower() == "data:":
            return picture_of(address)
        name = _name(self.folder, address.partition("#")[0])
        try:
            data = self._package.part(name) or b""
        except (DamagedDocumentError, DocumentTooLargeError):  # not worth the book
            return None
        if not data or len(data) > self._left:
            return None
        self._left -= len(data)
        return data


def _add_chapter(ref: DocumentRef, content: bytes, shelf: _Pictures, builder: TextBuilder, pages: list[Page]) -> None:
    """Add a chapter's blocks, pictures and its page; one without text (a cover) is no page."""
    try:
        chapter = read_page(ref, content, shelf.find)
    except EmptyDocumentError:
        return
    first = builder.add_document(chapter, page=len(pages) + 1 if chapter.text else max(1, len(pages)))
    if first is not None:
        name = next((block.text for block in chapter.blocks if block.kind == "heading"), "")
        pages.append(Page(len(pages) + 1, first, builder.length, clean_title(name)))


def _read_book(key: str, package: Package) -> _Book:
    container = package.xml("META-INF/container.xml")
    roots = [] if container is None else [one for one in container.iter() if local_name(one) == "rootfile"]
    path = attribute(roots[0], "full-path") if roots else None
    book = package.xml(path) if path else None
    manifest, spine = find_child(book, "manifest"), find_child(book, "spine")
    if path is None or manifest is None or spine is None:
        raise DamagedDocumentError(f"{key}: not an EPUB: it names no chapters", "get the book again")
    folder = posixpath.dirname(path)
    files = {
        attribute(item, "id"): _name(folder, attribute(item, "href") or "")
        for item in manifest
        if "html" in (attribute(item, "media-type") or "")
    }
    chapters = [files[name] for item in spine if (name := attribute(item, "idref")) in files]
    if len(chapters) > _MAX_CHAPTERS:
        raise DamagedDocumentError(f"{key}: the book names more than {_MAX_CHAPTERS:,} chapters", "get it again")
    about = find_child(book, "metadata")
    stated = find_child(about, "title")
    title = (stated.text or "").strip() if stated is not None else ""
    return _Book(list(dict.fromkeys(chapters)), _cover(folder, manifest, about), title, book_metadata(about))


def _cover(folder: str, manifest: _Element, about: _Element | None) -> str:
    """Return the name of the picture on the cover, empty if the book names none."""
    notes = () if about is None else about
    named = {attribute(one, "content") for one in notes if attribute(one, "name") == "cover"}
    for item in manifest:
        marked = "cover-image" in (attribute(item, "properties") or "").split() or attribute(item, "id") in named
        if marked and (attribute(item, "media-type") or "").startswith("image/"):
            return _name(folder, attribute(item, "href") or "")
    return ""


def _name(folder: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(address)))


def _locked(package: Package) -> set[str]:
    """Return the names of the parts that are encrypted; fonts often are, and do not matter."""
    root = package.xml("META-INF/encryption.xml")
    found = (
        (attribute(one, "URI") for one in root.iter() if local_name(one) == "CipherReference")
        if root is not None
        else ()
    )
    return {posixpath.normpath(unquote(name)) for name in found if name}
