"""Parser of DOC, Word's old binary format."""

from __future__ import annotations

from assistant.parsing.kreuzberg_markdown import check_ole, encrypted, read_markdown
from assistant.types import Document, DocumentRef

_TYPE = "application/msword"
_FLAGS = 10  # where the file information block keeps its flags
_ENCRYPTED = 0x0100


class LegacyDocParser:
    """Reads `application/msword`."""

    name = "legacy-doc"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an old Word document."""
        return ref.media_type == _TYPE

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with its blocks. See `interfaces.Parser` for what is raised."""
        head = check_ole(ref, data, "WordDocument")
        if int.from_bytes(head[_FLAGS : _FLAGS + 2], "little") & _ENCRYPTED:
            raise encrypted(ref)
        return read_markdown(ref, data, _TYPE)
