"""A parser of documents with pictures, for tests that need no real format."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from assistant.parsing.builder import TextBuilder
from assistant.types import Document, DocumentRef, Metadata


def png(color: str) -> bytes:
    target = BytesIO()
    Image.new("RGB", (60, 50), color).save(target, "PNG")
    return target.getvalue()


class AlbumParser:
    """Reads lines: `picture COLOR` is a picture, everything else a paragraph."""

    name = "album"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        return ref.key.endswith(".album")

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        builder = TextBuilder()
        for line in data.decode().splitlines():
            word, _, color = line.partition(" ")
            if word == "picture":
                builder.add_picture(png(color))
            else:
                builder.add("text", line)
        return builder.build(ref, metadata=Metadata(("Ann", "Bob"), "2026-01-02T03:04:05Z", "", "en"))
