"""Parser of EPUB: the chapters in reading order, each read as HTML and a page of its own."""

from __future__ import annotations

import posixpath
from urllib.parse import unquote

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean_title
from assistant.parsing.html import HtmlParser
from assistant.parsing.ooxml import Package, attribute, find_child, local_name
from assistant.types import Document, DocumentRef, Page

_MAX_CHAPTERS = 5000


class EpubParser:
    """Reads `application/epub+zip`; a page is a chapter's file, named by its first heading."""

    name = "epub"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an EPUB."""
        return ref.media_type == "application/epub+zip"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the chapters' text, blocks and pages. See `interfaces.Parser` for what is raised."""
        builder = TextBuilder()
        pages: list[Page] = []
        with Package(ref.key, data) as package:
            chapters, title = _spine(ref.key, package)
            locked = _locked(package)
            for chapter in chapters:
                if chapter in locked:
                    raise EncryptedDocumentError(f"{ref.key}: the book is locked (DRM)", "store a copy without it")
                content = package.part(chapter)
                if content is None:
                    raise DamagedDocumentError(f"{ref.key}: the chapter {chapter} is missing", "get the book again")
                _chapter(ref, content, builder, pages)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the book has no text", "pictures of text need OCR")
        return builder.build(ref, title or builder.first_heading(), pages)


def _chapter(ref: DocumentRef, content: bytes, builder: TextBuilder, pages: list[Page]) -> None:
    """Add a chapter's blocks and its page; one without text (a cover) is no page."""
    try:
        chapter = HtmlParser().parse(ref, content)
    except EmptyDocumentError:
        return
    first = builder.add_document(chapter, page=len(pages) + 1)
    if first is not None:
        name = next((block.text for block in chapter.blocks if block.kind == "heading"), "")
        pages.append(Page(len(pages) + 1, first, builder.length, clean_title(name)))


def _spine(key: str, package: Package) -> tuple[list[str], str]:
    """Return the names of the chapters' files in reading order, and the book's title."""
    container = package.xml("META-INF/container.xml")
    roots = [] if container is None else [one for one in container.iter() if local_name(one) == "rootfile"]
    path = attribute(roots[0], "full-path") if roots else None
    book = package.xml(path) if path else None
    manifest, spine = find_child(book, "manifest"), find_child(book, "spine")
    if path is None or manifest is None or spine is None:
        raise DamagedDocumentError(f"{key}: not an EPUB: it names no chapters", "get the book again")
    files = {
        attribute(item, "id"): posixpath.normpath(
            posixpath.join(posixpath.dirname(path), unquote(attribute(item, "href") or ""))
        )
        for item in manifest
        if "html" in (attribute(item, "media-type") or "")
    }
    chapters = [files[name] for item in spine if (name := attribute(item, "idref")) in files]
    if len(chapters) > _MAX_CHAPTERS:
        raise DamagedDocumentError(f"{key}: the book names more than {_MAX_CHAPTERS:,} chapters", "get it again")
    stated = find_child(book, "metadata", "title")
    return list(dict.fromkeys(chapters)), (stated.text or "").strip() if stated is not None else ""


def _locked(package: Package) -> set[str]:
    """Return the names of the parts that are encrypted; fonts often are, and do not matter."""
    root = package.xml("META-INF/encryption.xml")
    found = (
        (attribute(one, "URI") for one in root.iter() if local_name(one) == "CipherReference")
        if root is not None
        else ()
    )
    return {posixpath.normpath(unquote(name)) for name in found if name}
