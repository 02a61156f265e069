"""Parser of PPT, PowerPoint's old binary format: slides in order as pages."""

from __future__ import annotations

import struct

from assistant.errors import EmptyDocumentError
from assistant.parsing.builder import TextBuilder
from assistant.parsing.legacy.kreuzberg_text import read_nodes
from assistant.parsing.legacy.ole_file import check_ole, encrypted, ole_metadata, optional_stream
from assistant.parsing.legacy.ppt_records import PptStream
from assistant.parsing.legacy.ppt_slides import read_slides
from assistant.types import Document, DocumentRef

_TYPE = "application/vnd.ms-powerpoint"
_ENCRYPTED_TOKEN = (0xF3D1C4DF).to_bytes(4, "little")


class LegacyPptParser:
    """Reads `application/vnd.ms-powerpoint`; each slide is a page named by its title."""

    name = "legacy-ppt"
    version = "4"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an old PowerPoint presentation."""
        return ref.media_type == _TYPE

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the slides' text. See `interfaces.Parser` for what is raised."""
        user = check_ole(ref, data, "Current User")
        if user[12:16] == _ENCRYPTED_TOKEN:
            raise encrypted(ref)
        stream = check_ole(ref, data, "PowerPoint Document")
        title, metadata = ole_metadata(data)
        builder = TextBuilder()
        try:
            pages = read_slides(builder, PptStream(stream, user), optional_stream(data, "Pictures"))
        except (ValueError, struct.error, RecursionError):
            pages = []  # not as the format says: the library finds at least the words
        if not pages:
            return read_nodes(ref, data, _TYPE, title, metadata)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the presentation has no text", "pictures of text need OCR")
        return builder.build(ref, title or builder.first_heading(), pages, metadata)
