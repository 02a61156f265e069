"""Parser of DOC, Word's old binary format."""

from __future__ import annotations

import struct

from assistant.parsing.builder import TextBuilder
from assistant.parsing.legacy.doc_file import DocFile
from assistant.parsing.legacy.doc_text import DocWriter
from assistant.parsing.legacy.kreuzberg_text import read_nodes
from assistant.parsing.legacy.ole_file import check_ole, encrypted, ole_metadata, optional_stream
from assistant.types import Document, DocumentRef

_TYPE = "application/msword"
_FLAGS = 10  # where the file information block keeps its flags
_ENCRYPTED = 0x0100


class LegacyDocParser:
    """Reads `application/msword`."""

    name = "legacy-doc"
    version = "4"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an old Word document."""
        return ref.media_type == _TYPE

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with its blocks. See `interfaces.Parser` for what is raised."""
        main = check_ole(ref, data, "WordDocument")
        if int.from_bytes(main[_FLAGS : _FLAGS + 2], "little") & _ENCRYPTED:
            raise encrypted(ref)
        title, metadata = ole_metadata(data)
        builder = TextBuilder()
        try:
            streams = {name: optional_stream(data, name) for name in ("0Table", "1Table", "Data")}
            writer = DocWriter(builder, DocFile(main, streams, streams["Data"]))
            writer.write()
        except (ValueError, struct.error, IndexError):
            builder = TextBuilder()
        if not builder:  # older than Word 97, or not as the format says: the library finds at least the words
            return read_nodes(ref, data, _TYPE, title, metadata)
        return builder.build(ref, title or writer.title or builder.first_heading(), metadata=metadata)
