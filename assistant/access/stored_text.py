"""The stored form of a parsed document: compressed JSON, one blob a version."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Sequence
from dataclasses import astuple
from typing import Any

from assistant.errors import StorageError
from assistant.interfaces import BlobStore
from assistant.types import Block, Box, Document, DocumentRef, Hidden, Metadata, Page, Picture, Place
from assistant.types.documents import blanked

_FORMAT = 1
_KINDS = ("text", "original", "picture", "pages", "prepared")  # each `kind/document/version`, or below that


def text_key(ref: DocumentRef) -> str:
    """Return the blob key of this version's text."""
    return f"text/{ref.id}/{ref.version}"


def original_key(ref: DocumentRef) -> str:
    """Return the blob key of this version's bytes as the source gave them."""
    return f"original/{ref.id}/{ref.version}"


def picture_key(ref: DocumentRef, number: int) -> str:
    """Return the blob key of this version's picture `number`, from 1."""
    return f"picture/{ref.id}/{ref.version}/{number}"


def prepared_key(ref: DocumentRef) -> str:
    """Return the blob key of this version's chunks until they are embedded."""
    return f"prepared/{ref.id}/{ref.version}"


def member_key(parent: str, member: str, digest: str) -> str:
    """Return the blob key of a member's bytes until it is indexed, by both documents' ids and the bytes' digest."""
    return f"member/{parent}/{member}/{digest}"


def upload_key(source: str, upload: str) -> str:
    """Return the blob key of an upload's bytes, by its source and its id."""
    return f"{_uploads_of(source)}/{upload}"


def attachment_key(conversation: str, attachment: str = "") -> str:
    """Return the blob key of a picture attached in a conversation, by both ids; without its id, of all of them."""
    return f"attachment/{conversation}/{attachment}" if attachment else f"attachment/{conversation}"


def forget_uploads(blobs: BlobStore, source: str) -> None:
    """Delete the bytes of all uploads of a source; one of another kind has none."""
    blobs.delete(_uploads_of(source))


def _uploads_of(source: str) -> str:
    return f"uploads/{hashlib.sha256(source.encode()).hexdigest()[:32]}"


def store_text(blobs: BlobStore, document: Document) -> None:
    """Store the document, its pictures beside its text; `members` are left to the caller. Raises StorageFullError."""
    for number, picture in enumerate(document.pictures, start=1):
        blobs.put(picture_key(document.ref, number), picture.data)
    value = {
        "format": _FORMAT,
        "text": document.text,
        "pages": [[page.number, page.start, page.end, page.name] for page in document.pages],
        "places": [[place.start, place.end, _edges(place.box), place.turn] for place in document.places],
        "blocks": [[b.kind, b.start, b.end, b.page, b.level, _edges(b.box)] for b in document.blocks],
        "pictures": [[p.start, p.end, p.media_type, p.page, _edges(p.box), p.caption] for p in document.pictures],
        "metadata": astuple(document.metadata),
        "hidden": [astuple(one) for one in document.hidden],
    }
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    blobs.put(text_key(document.ref), zlib.compress(data, level=1))


def _edges(box: Box | None) -> tuple[float, ...] | None:
    return astuple(box) if box else None


def load_own_text(blobs: BlobStore, ref: DocumentRef) -> str:
    """Return what `Document.own_text` of the stored document is, without making the document; see `load_text`."""
    value = _loaded(blobs, ref)
    text: str = value["text"]
    return blanked(text, 0, sorted((start, end) for kind, start, end, *_ in value["blocks"] if kind == "notice"))


def load_text(blobs: BlobStore, ref: DocumentRef) -> Document:
    """Return the stored document.

    Callers must have checked that the reader may read `ref`; `Library.read` does.

    Raises:
        NotFoundError: this version's text is not stored.
        StorageError: what is stored cannot be read.
    """
    value = _loaded(blobs, ref)
    text = value["text"]
    return Document(
        ref=ref,
        text=text,
        blocks=tuple(
            Block(kind, text[start:end], start, end, page, Box(*box) if box else None, level)
            for kind, start, end, page, level, box in value["blocks"]
        ),
        pages=tuple(Page(*page) for page in value["pages"]),
        places=tuple(Place(start, end, Box(*box), *turn) for start, end, box, *turn in value.get("places", ())),
        pictures=tuple(
            Picture(start, end, media_type, b"", page, Box(*box) if box else None, caption)
            for start, end, media_type, page, box, caption in value.get("pictures", ())
        ),
        metadata=_metadata(*value["metadata"]) if "metadata" in value else Metadata(),
        hidden=tuple(Hidden(*one) for one in value.get("hidden", ())),
    )


def _loaded(blobs: BlobStore, ref: DocumentRef) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(zlib.decompress(blobs.get(text_key(ref))))
    except (ValueError, zlib.error) as error:
        raise StorageError(f"the stored text of {ref.key!r} is damaged: {error}", "sync its source again") from error
    return value


def _metadata(authors: Sequence[str], *others: str) -> Metadata:
    return Metadata(tuple(authors), *others)


def forget(blobs: BlobStore, document: str) -> None:
    """Delete everything stored of the document with this id, its members' bytes included."""
    for kind in (*_KINDS, "member"):
        blobs.delete(f"{kind}/{document}")


def forget_former_members(blobs: BlobStore, parent: str, waiting: Collection[str]) -> None:
    """Delete what waits to be indexed of the document's members, but for the blobs `waiting`."""
    for key in list(blobs.keys(f"member/{parent}")):
        if key not in waiting:
            blobs.delete(key)


def forget_other_versions(blobs: BlobStore, ref: DocumentRef) -> None:
    """Delete what is stored of the document's versions other than `ref.version`."""
    for kind in _KINDS:
        for key in list(blobs.keys(f"{kind}/{ref.id}")):
            if key.split("/")[2] != ref.version:
                blobs.delete(key)
