"""Pictures for another index: their vectors are copied where the same model made them, and else made from the blobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from assistant.access.stored_text import picture_key
from assistant.adapters.points import IMAGE, pages
from assistant.ingest.pictures import PictureVectors, embed_picture, picture_points
from assistant.interfaces import BlobStore, Index, PictureEmbedder, Vectors
from assistant.types import Chunk, Document, DocumentRef, Picture


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
        embedder, ref = self.embedder, document.ref
        if embedder is None or not document.pictures:
            return PictureVectors()
        copied = self._copied(ref)

        def vector(number: int, _: Picture) -> Vectors | None:
            if number in copied:
                return copied[number]
            return embed_picture(embedder, ref.key, number, self.blobs.get(picture_key(ref, number)))

        return picture_points(document, chunks, vector)

    def _copied(self, ref: DocumentRef) -> dict[int, Vectors]:
        """Return the vectors in the former index by the picture's number."""
        if self.former is None:
            return {}
        return {
            point.payload["pictures"][0]: np.frombuffer(point.vectors[IMAGE], "<f4")
            for point in chain.from_iterable(pages(self.former, [ref.id]))
            if IMAGE in point.vectors and point.payload["version"] == ref.version
        }
