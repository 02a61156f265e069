"""Parser of XML: the text of its elements, each line named by what it is the text of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.errors import EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.metadata import language_code
from assistant.parsing.ooxml.package import local_name
from assistant.parsing.safe_xml import safe_root
from assistant.types import Document, DocumentRef, Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class XmlParser:
    """Reads `application/xml` and `text/xml`: an element of leaves is a block of lines `name: text`."""

    name = "xml"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is XML."""
        return ref.media_type in {"application/xml", "text/xml"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the elements' text in the file's order. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        root = safe_root(data, f"{ref.key}: it", doctype=True)
        builder = TextBuilder()
        _write(root, builder)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: no element has text")
        return builder.build(ref, metadata=Metadata(language=language_code(root.get(_LANGUAGE))))


def _write(element: _Element, builder: TextBuilder) -> None:
    """Write an element's own text and that of its leaves together, then the other children one by one."""
    lines = [text] if (text := _own(element)) else []
    for child in element:
        if len(child) == 0:
            if text := _own(child):
                lines.append(f"{local_name(child)}: {text}")
        else:
            builder.add("text", "\n".join(lines))
            lines = []
            _write(child, builder)
        if tail := " ".join((child.tail or "").split()):
            lines.append(clean(tail))
    builder.add("text", "\n".join(lines))


def _own(element: _Element) -> str:
    values = [f"{_plain(name)}={_plain(value)}" for name, value in element.attrib.items()]
    return clean(" ".join(" ".join([element.text or "", *values]).split()))


def _plain(word: str | bytes) -> str:
    """Return an attribute's name or value, a name without its namespace."""
    text = word if isinstance(word, str) else word.decode("utf-8", "replace")
    return text.rpartition("}")[2] if text.startswith("{") else text
