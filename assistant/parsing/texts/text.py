"""Parser of plain text: the file's own characters, paragraphs as blocks."""

from __future__ import annotations

from assistant.parsing.builder import paragraphs
from assistant.parsing.decode import decode
from assistant.types import Block, Document, DocumentRef


class TextParser:
    """Reads `text/plain` in any common encoding; `document.text` is the decoded file, unchanged."""

    name = "text"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is plain text."""
        return ref.media_type == "text/plain"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with a block for every paragraph. See `interfaces.Parser` for what is raised."""
        text = decode(data, ref.key)
        blocks = tuple(Block("text", text[start:end], start, end) for start, end in paragraphs(text))
        return Document(ref, text, blocks)
