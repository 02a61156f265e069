"""Parser of PPT, PowerPoint's old binary format."""

from __future__ import annotations

from assistant.parsing.kreuzberg_markdown import check_ole, encrypted, read_markdown
from assistant.types import Document, DocumentRef

_TYPE = "application/vnd.ms-powerpoint"
_ENCRYPTED_TOKEN = (0xF3D1C4DF).to_bytes(4, "little")


class LegacyPptParser:
    """Reads `application/vnd.ms-powerpoint`."""

    name = "legacy-ppt"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an old PowerPoint presentation."""
        return ref.media_type == _TYPE

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with its blocks. See `interfaces.Parser` for what is raised."""
        if check_ole(ref, data, "Current User")[12:16] == _ENCRYPTED_TOKEN:
            raise encrypted(ref)
        check_ole(ref, data, "PowerPoint Document")
        return read_markdown(ref, data, _TYPE)
