"""Parser of SVG drawings: their title, description and text elements, and the drawing as a picture."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.metadata import language_code
from assistant.parsing.ooxml.package import attribute, local_name
from assistant.parsing.pictures.images import name_words
from assistant.parsing.pictures.svg_render import svg_picture
from assistant.parsing.safe_xml import safe_root
from assistant.types import Document, DocumentRef, Metadata, Picture

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_BYTES = 50_000_000
_LEFT_OUT = frozenset({"script", "style", "metadata"})
_TEXTS = frozenset({"text", "title", "desc", "flowPara", "p", "div"})
_BREAKS = frozenset({"p", "div", "br", "flowPara", "title", "desc"})
_PLACED = frozenset({"x", "y", "dy"})


class SvgParser:
    """Reads SVG, gzipped or not; see `safe_root` for the entities that it may declare."""

    name = "svg"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an SVG drawing."""
        return ref.media_type == "image/svg+xml"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return a block for each text, title and description, in the file's order, and the drawing as a picture.

        A drawing without text is found by the words of its file's name. See `interfaces.Parser` for what is raised.
        """
        data = _unpacked(ref, data)
        if not data.strip():
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        root = safe_root(data, f"{ref.key}: the drawing", doctype=True)
        if local_name(root) != "svg":
            raise DamagedDocumentError(f"{ref.key}: not an SVG drawing", "correct the file's name or type")
        builder = TextBuilder()
        title = _write(root, builder)
        metadata = Metadata(language=language_code(attribute(root, "lang")))
        kind, picture = svg_picture(root)
        if not builder and picture:
            builder.add("image", name_words(ref.key))
            builder.add("notice", "[Picture: no text was found in it]", gap="\n")
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the drawing has no text and nothing to see", "open and save it again")
        document = builder.build(ref, title, metadata=metadata)
        shown = (Picture(0, len(document.text), kind, picture),) if picture else ()
        return replace(document, pictures=shown)


def _write(root: _Element, builder: TextBuilder) -> str:
    """Write the drawing's texts and return its title."""
    title = ""
    for element in _texts(root):
        text = _text(element)
        if local_name(element) == "title" and element.getparent() is root and text and not title:
            title = text
            builder.add("heading", text, level=1)
        else:
            builder.add("text", text, gap="\n")
    return title


def _unpacked(ref: DocumentRef, data: bytes) -> bytes:
    if data.startswith(b"\x1f\x8b"):
        try:
            with gzip.open(BytesIO(data)) as stream:
                data = stream.read(_MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedDocumentError(f"{ref.key}: the compressed drawing is broken", "save it again") from error
    if len(data) > _MAX_BYTES:
        raise DocumentTooLargeError(f"{ref.key}: the drawing is over {_MAX_BYTES // 1_000_000} MB", "split it")
    return data


def _texts(root: _Element) -> Iterator[_Element]:
    """Yield the outermost elements that hold text. The walk keeps its own stack: drawings nest deeply."""
    stack = [root]
    while stack:
        element = stack.pop()
        name = local_name(element)
        if name in _LEFT_OUT:
            continue
        if name in _TEXTS:
            yield element
        else:
            stack += reversed(element)


def _text(element: _Element) -> str:
    """Return the text below an element on one line; a `tspan` that is placed anew begins a word."""
    parts: list[str] = [element.text or ""]
    stack: list[_Element | str] = list(reversed(element))
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            continue
        stack.append(node.tail or "")
        name = local_name(node)
        if name not in _LEFT_OUT:
            placed = name == "tspan" and not _PLACED.isdisjoint(node.attrib)
            parts.append(" " if placed or name in _BREAKS else "")
            parts.append(node.text or "")
            stack += reversed(node)
    return " ".join(clean("".join(parts)).split())
