"""What is done with a document's pictures on their way into the index: they are described, and embedded as images."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.errors import DamagedDocumentError, ModelServerError, ModelUnavailableError
from assistant.ingest.leases import unwatched
from assistant.interfaces import Captioner, PictureEmbedder, Vectors
from assistant.types import Chunk, Document, Picture

log = logging.getLogger(__name__)
_MOST_CAPTIONS = 100  # of one document: seconds each
_BESIDE = 300  # characters of text on either side that tell the model what a picture is about


@dataclass(frozen=True, slots=True)
class PictureVectors:
    """A document's pictures as points of the index: a chunk and a row of `vectors` each."""

    chunks: tuple[Chunk, ...] = ()
    vectors: Vectors | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    """Describes and embeds pictures. Safe to call from several threads.

    Args:
        captioner: the vision model, None where none is configured.
        embedder: the image embedding model, None where none is configured.
    """

    captioner: Captioner | None = None
    embedder: PictureEmbedder | None = None

    @property
    def version(self) -> str:
        """Part of what made a document's chunks: it changes with the vision model."""
        return f"+captions/{self.captioner.name}" if self.captioner else ""

    def captioned(self, document: Document, advanced: Callable[[], None] = unwatched) -> tuple[Document, bool]:
        """Return the document with its pictures described, and whether all was done that is to be done.

        A server that does not answer leaves the document undescribed rather than out of the index.

        Args:
            document: with its pictures' data.
            advanced: called after every picture.
        """
        if self.captioner is None or not document.pictures:
            return document, True
        if len(document.pictures) > _MOST_CAPTIONS:
            log.warning("%s: only its first %d pictures are described", document.ref.key, _MOST_CAPTIONS)
        described: list[Picture] = []
        for picture in document.pictures[:_MOST_CAPTIONS]:
            try:
                caption = self.captioner.caption(picture.data, _context(document, picture))
            except ModelUnavailableError as error:
                log.warning("%s: its pictures are not described yet: %s", document.ref.key, error)
                return document, False
            except ModelServerError as error:
                log.warning("%s: picture %d is not described: %s", document.ref.key, len(described) + 1, error)
                caption = ""
            described.append(replace(picture, caption=caption))
            advanced()
        return replace(document, pictures=(*described, *document.pictures[_MOST_CAPTIONS:])), True

    def embedded(
        self, document: Document, chunks: Sequence[Chunk], advanced: Callable[[], None] = unwatched
    ) -> PictureVectors:
        """Return a point for each picture that can be decoded, with the place of the chunk that shows it.

        Args:
            document: with its pictures' data.
            chunks: its chunks as `show_pictures` returns them.
            advanced: called after every picture.
        """
        embedder = self.embedder
        if embedder is None:
            return PictureVectors()

        def vector(number: int, picture: Picture) -> Vectors | None:
            row = embed_picture(embedder, document.ref.key, number, picture.data)
            advanced()
            return row

        return picture_points(document, chunks, vector)


def picture_points(
    document: Document, chunks: Sequence[Chunk], embed: Callable[[int, Picture], Vectors | None]
) -> PictureVectors:
    """Return a point for each of the document's pictures that has a vector, with the place of the chunk that shows it.

    Args:
        document: whose pictures.
        chunks: its chunks as `show_pictures` returns them.
        embed: returns the vector of a picture by its number; None where it has none.
    """
    shown = {number: chunk for chunk in chunks for number in chunk.pictures}
    rows: list[Vectors] = []
    points: list[Chunk] = []
    for number, picture in enumerate(document.pictures, start=1):
        row = embed(number, picture)
        if row is not None:
            ordinal = len(chunks) + len(points)
            points.append(replace(shown[number], ordinal=ordinal, pictures=(number,), captions=picture.caption))
            rows.append(row)
    return PictureVectors(tuple(points), np.stack(rows)) if rows else PictureVectors()


def embed_picture(embedder: PictureEmbedder, key: str, number: int, data: bytes) -> Vectors | None:
    """Return a picture's vector; None, and a line in the log, where it cannot be decoded."""
    try:
        row: Vectors = embedder.embed_pictures([data])[0]
    except DamagedDocumentError as error:
        log.warning("%s: picture %d is not found by its looks: %s", key, number, error)
        return None
    return row


def show_pictures(document: Document, chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return the chunks with the numbers and captions of the pictures that they show; one chunk shows each picture.

    That is the chunk in which the picture's words begin; the one before it where it stands between two.
    """
    shown: dict[int, list[int]] = {}
    starts = [chunk.start for chunk in chunks]
    for number, picture in enumerate(document.pictures if chunks else (), start=1):
        shown.setdefault(max(0, bisect_right(starts, picture.start) - 1), []).append(number)
    result = list(chunks)
    for at, numbers in shown.items():
        captions = [document.pictures[number - 1].caption for number in numbers]
        text = "\n".join(caption for caption in captions if caption)
        result[at] = replace(result[at], pictures=tuple(numbers), captions=text)
    return result


def _context(document: Document, picture: Picture) -> str:
    """Return the document's title and the text around the picture, on one line."""
    around = document.own_text[max(0, picture.start - _BESIDE) : picture.end + _BESIDE]
    return " ".join(f"{document.ref.title}: {around}".split())
