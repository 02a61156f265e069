"""Parser of Jupyter notebooks: their prose, code, printed results and pictures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.data_uri import unpacked
from assistant.parsing.decode import decode
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.parsing.texts.markdown_pictures import found_pictures
from assistant.types import Document, DocumentRef, Metadata

_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_OBJECT = re.compile(r"<[^<>\n]*>")  # how a picture is printed: <Figure size 640x480 with 1 Axes>
_ATTACHED = "attachment:"
_MAX_AUTHORS = 50


class NotebookParser:
    """Reads `application/x-ipynb+json`; pictures are those among the results and those attached to prose."""

    name = "ipynb"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a notebook."""
        return ref.media_type == "application/x-ipynb+json"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the cells in order. See `interfaces.Parser` for what is raised."""
        try:
            book = json.loads(decode(data, ref.key))
            cells = [cell for cell in book["cells"] if isinstance(cell, dict)]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedDocumentError(f"{ref.key}: not a notebook: {error}", "open and save it again") from error
        builder = TextBuilder()
        for cell in cells:
            source = _joined(cell.get("source")).strip()
            if cell.get("cell_type") == "markdown" and source:
                builder.add_document(_prose(ref, source, cell.get("attachments")))
            else:
                builder.add("code", source)
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                _write_output(builder, output)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the notebook has no text in its cells")
        return builder.build(ref, builder.first_heading(), metadata=_metadata(book.get("metadata")))


def _prose(ref: DocumentRef, source: str, attachments: Any) -> Document:
    """Return a cell of Markdown with the pictures that it shows."""
    document = MarkdownParser().parse(ref, source.encode("utf-8"))
    files = attachments if isinstance(attachments, dict) else {}

    def find(address: str) -> bytes | None:
        name = address.removeprefix(_ATTACHED)
        return next(_pictures(files.get(name)), None) if name != address else None

    pictures = sorted((*document.pictures, *found_pictures(document.text, find)), key=lambda picture: picture.start)
    return replace(document, pictures=tuple(pictures))


def _write_output(builder: TextBuilder, output: Any) -> None:
    """Write what a cell printed, and the picture it drew; how that one is printed says nothing."""
    if not isinstance(output, dict):
        return
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, dict) else None
    text = _joined(output.get("text") or plain or output.get("evalue")).strip()
    picture = next(_pictures(data), b"")
    if picture and builder.add_picture(picture) and _OBJECT.fullmatch(text):
        return
    builder.add("text", text)


def _pictures(bundle: Any) -> Iterator[bytes]:
    """Yield the picture of a bundle of the same thing in several types."""
    for kind in _PICTURES if isinstance(bundle, dict) else ():
        value = bundle.get(kind)
        packed = "".join(part for part in value if isinstance(part, str)) if isinstance(value, list) else value
        picture = unpacked(packed) if isinstance(packed, str) else None
        if picture:
            yield picture


def _metadata(said: Any) -> Metadata:
    """Return the authors; the notebook's `language_info` is of its code, not of its prose."""
    authors = said.get("authors") if isinstance(said, dict) else None
    names = (
        author.get("name") if isinstance(author, dict) else author
        for author in (authors[:_MAX_AUTHORS] if isinstance(authors, list) else ())
    )
    return Metadata(tuple(dict.fromkeys(filter(None, (clean_title(name) for name in names if isinstance(name, str))))))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return clean("".join(part for part in value if isinstance(part, str))).encode("utf-8", "replace").decode()
    return clean(value) if isinstance(value, str) else ""
