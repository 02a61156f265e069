"""The stored form of a parsed document: compressed JSON, one blob a version."""

from __future__ import annotations

import json
import zlib

from assistant.errors import StorageError
from assistant.interfaces import BlobStore
from assistant.types import Block, Box, Document, DocumentRef, Page, Place

_FORMAT = 1


def text_key(ref: DocumentRef) -> str:
    """Return the blob key of this version's text."""
    return f"text/{ref.id}/{ref.version}"


def original_key(ref: DocumentRef) -> str:
    """Return the blob key of this version's bytes as the source gave them."""
    return f"original/{ref.id}/{ref.version}"


def store_text(blobs: BlobStore, document: Document) -> None:
    """Store the text, blocks and pages of `document`. Raises StorageFullError."""
    value = {
        "format": _FORMAT,
        "text": document.text,
        "pages": [[page.number, page.start, page.end, page.name] for page in document.pages],
        "places": [
            [p.start, p.end, [p.box.page, p.box.left, p.box.top, p.box.right, p.box.bottom]] for p in document.places
        ],
        "blocks": [
            [
                b.kind,
                b.start,
                b.end,
                b.page,
                b.level,
                [b.box.page, b.box.left, b.box.top, b.box.right, b.box.bottom] if b.box else None,
            ]
            for b in document.blocks
        ],
    }
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    blobs.put(text_key(document.ref), zlib.compress(data, level=1))


def load_text(blobs: BlobStore, ref: DocumentRef) -> Document:
    """Return the stored document.

    Callers must have checked that the reader may read `ref`; `Library.read` does.

    Raises:
        NotFoundError: this version's text is not stored.
        StorageError: what is stored cannot be read.
    """
    try:
        value = json.loads(zlib.decompress(blobs.get(text_key(ref))))
    except (ValueError, zlib.error) as error:
        raise StorageError(f"the stored text of {ref.key!r} is damaged: {error}", "sync its source again") from error
    text = value["text"]
    return Document(
        ref=ref,
        text=text,
        blocks=tuple(
            Block(kind, text[start:end], start, end, page, Box(*box) if box else None, level)
            for kind, start, end, page, level, box in value["blocks"]
        ),
        pages=tuple(Page(*page) for page in value["pages"]),
        places=tuple(Place(start, end, Box(*box)) for start, end, box in value.get("places", ())),
    )


def forget(blobs: BlobStore, document: str) -> None:
    """Delete everything stored of the document with this id."""
    blobs.delete(f"text/{document}")
    blobs.delete(f"original/{document}")


def forget_other_versions(blobs: BlobStore, ref: DocumentRef) -> None:
    """Delete what is stored of the document's versions other than `ref.version`."""
    for kind in ("text", "original"):
        for key in list(blobs.keys(f"{kind}/{ref.id}")):
            if not key.endswith(f"/{ref.version}"):
                blobs.delete(key)
