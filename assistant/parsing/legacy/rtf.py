"""Parser of RTF."""

from __future__ import annotations

from assistant.errors import DamagedDocumentError
from assistant.parsing.legacy.kreuzberg_text import read_nodes
from assistant.types import Document, DocumentRef

_TYPES = frozenset({"application/rtf", "text/rtf"})


class RtfParser:
    """Reads `application/rtf`."""

    name = "rtf"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is RTF."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with its blocks. See `interfaces.Parser` for what is raised."""
        if data and not data.lstrip().startswith(b"{\\rtf"):
            raise DamagedDocumentError(f"{ref.key}: not an RTF file", "correct the file's name or type")
        return read_nodes(ref, data, "application/rtf")
