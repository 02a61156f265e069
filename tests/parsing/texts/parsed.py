"""Parses a text as a document of any of the text formats."""

from __future__ import annotations

from assistant.interfaces import Parser
from assistant.parsing.check import check_document
from assistant.types import Document, DocumentRef


def parse(parser: Parser, media_type: str, text: str) -> Document:
    """Return the checked document that the parser makes of the text."""
    document = parser.parse(DocumentRef("files", "a", "v1", "a", "", media_type), text.encode())
    check_document(document)
    return document
