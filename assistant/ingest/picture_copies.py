"""Pictures for another index: their vectors are copied where the same model made them, and else made from the blobs."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.access.stored_text import picture_key
from assistant.adapters.points import IMAGE
from assistant.errors import DamagedDocumentError
from assistant.ingest.pictures import PictureVectors
from assistant.interfaces import BlobStore, Index, PictureEmbedder, Vectors
from assistant.types import Chunk, Document, DocumentRef

log = logging.getLogger(__name__)
_PAGE = 256


@dataclass(frozen=True, slots=True)
class PictureCopies:
    """Hands out the pictures of stored documents as points. Safe to call from several threads.

    Args:
        blobs: holds the pictures.
        embedder: the picture embedder of the index that is built, None where it has none.
        former: an index whose pictures the same embedder made, None where there is none.
    """

    blobs: BlobStore
    embedder: PictureEmbedder | None = None
    former: Index | None = None

    def of(self, document: Document, chunks: Sequence[Chunk]) -> PictureVectors:
        """Return the same points as `Pictures.embedded` makes of the document when it is ingested.

        Raises:
            NotFoundError: a picture is neither in the former index nor stored.
        """
        if self.embedder is None or not document.pictures:
            return PictureVectors()
        shown = {number: chunk for chunk in chunks for number in chunk.pictures}
        copied = self._copied(document.ref)
        rows: list[Vectors] = []
        points: list[Chunk] = []
        for number, picture in enumerate(document.pictures, start=1):
            row = copied.get(number)
            if row is None:
                row = self._embedded(self.embedder, document.ref, number)
            if row is not None:
                ordinal = len(chunks) + len(points)
                points.append(replace(shown[number], ordinal=ordinal, pictures=(number,), captions=picture.caption))
                rows.append(row)
        return PictureVectors(tuple(points), np.stack(rows)) if rows else PictureVectors()

    def _copied(self, ref: DocumentRef) -> dict[int, Vectors]:
        """Return the vectors in the former index by the picture's number."""
        found: dict[int, Vectors] = {}
        after: str | None = None
        while self.former is not None:
            page = self.former.read_points([ref.id], after, _PAGE)
            for point in page:
                if IMAGE in point.vectors and point.payload["version"] == ref.version:
                    found[point.payload["pictures"][0]] = np.frombuffer(point.vectors[IMAGE], "<f4")
            if len(page) < _PAGE:
                break
            after = page[-1].id
        return found

    def _embedded(self, embedder: PictureEmbedder, ref: DocumentRef, number: int) -> Vectors | None:
        data = self.blobs.get(picture_key(ref, number))
        try:
            row: Vectors = embedder.embed_pictures([data])[0]
        except DamagedDocumentError as error:
            log.warning("%s: picture %d is not found by its looks: %s", ref.key, number, error)
            return None
        return row
