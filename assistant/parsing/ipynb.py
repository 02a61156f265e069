"""Parser of Jupyter notebooks: their prose, code and printed results."""

from __future__ import annotations

import json
from typing import Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.decode import decode
from assistant.parsing.markdown import MarkdownParser
from assistant.types import Document, DocumentRef


class NotebookParser:
    """Reads `application/x-ipynb+json`; pictures among the results are left out."""

    name = "ipynb"
    version = "1"

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
                builder.add_document(MarkdownParser().parse(ref, source.encode("utf-8")))
            else:
                builder.add("code", source)
            outputs = cell.get("outputs")
            for output in outputs if isinstance(outputs, list) else ():
                builder.add("text", _printed(output).strip())
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the notebook has no text in its cells")
        return builder.build(ref, builder.first_heading())


def _printed(output: Any) -> str:
    if not isinstance(output, dict):
        return ""
    data = output.get("data")
    plain = data.get("text/plain") if isinstance(data, dict) else None
    return _joined(output.get("text") or plain or output.get("evalue"))


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return clean("".join(part for part in value if isinstance(part, str))).encode("utf-8", "replace").decode()
    return clean(value) if isinstance(value, str) else ""
