"""What one chunk looks like inside a vector index: payload fields, words for BM25, and the way back to a hit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import numpy as np

from assistant.adapters.fusion import DEPTH
from assistant.adapters.sparse import Wording
from assistant.errors import EmbedderMismatchError, VectorIndexError
from assistant.interfaces import Index, Vectors
from assistant.types import NO_METADATA, Chunk, DocumentRef, Filters, Hit, Metadata, User
from assistant.types.filters import described
from assistant.types.index_points import IndexPoint

DENSE = "dense"
SPARSE = "bm25"
IMAGE = "image"  # the only vector of a picture's point, so that searches for text do not see it
LAYOUT = "3"  # raised whenever fields or words of a point become others: what is stored is then written again
KEYWORD_FIELDS = (
    "allow", "deny", "document_id", "revision", "source", "media_type", "language", "folders", "layout",
)  # fmt: skip
NUMBER_FIELDS = ("modified",)
BATCH = 256
ALL = 10_000_000  # facets want a limit: more distinct values than this are not expected in one index
Model = tuple[str, int]  # an embedder's name and the length of its vectors
_SEPARATOR = "\x1f"
_SERVER = re.compile(r"^https?://[^/]*")
_ANEW = "delete the index and sync the sources: they are then embedded anew"


def payload(ref: DocumentRef, chunk: Chunk, metadata: Metadata = NO_METADATA) -> dict[str, Any]:
    """Return the payload of one chunk's point.

    `revision` joins document and version, so that one facet over it lists every stored version.
    """
    return {
        "document_id": ref.id,
        "version": ref.version,
        "revision": f"{ref.id}{_SEPARATOR}{ref.version}",
        "source": ref.source,
        "ordinal": chunk.ordinal,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "text": chunk.text,
        "heading_path": list(chunk.heading_path),
        "table_header": chunk.table_header,
        "pictures": list(chunk.pictures),
        "captions": chunk.captions,
        "notices": [list(span) for span in chunk.notices],
        "allow": sorted(ref.access.allow),
        "deny": sorted(ref.access.deny),
        **renewed(ref, metadata),
    }


def renewed(ref: DocumentRef, metadata: Metadata) -> dict[str, Any]:
    """Return those fields that all points of a document share and that earlier layouts lack, with today's mark."""
    return {**described(ref, metadata), "layout": LAYOUT}


def pages(index: Index, document_ids: Sequence[str]) -> Iterator[list[IndexPoint]]:
    """Yield all that is stored of these documents, a page of `BATCH` points at a time; see `Index.read_points`."""
    after: str | None = None
    while True:
        page = index.read_points(document_ids, after, BATCH)
        yield page
        if len(page) < BATCH:
            return
        after = page[-1].id


def hit(fields: Mapping[str, Any], score: float, similarity: float | None = None, words: float | None = None) -> Hit:
    """Return the hit that a point's payload and its scores stand for."""
    chunk = Chunk(
        document_id=fields["document_id"],
        ordinal=fields["ordinal"],
        start=fields["start"],
        end=fields["end"],
        text=fields["text"],
        page=fields["page"],
        heading_path=tuple(fields["heading_path"]),
        table_header=fields.get("table_header", ""),  # an index of an earlier version has none, as below
        pictures=tuple(fields.get("pictures", ())),
        captions=fields.get("captions", ""),
        notices=tuple((start, end) for start, end in fields.get("notices", ())),
    )
    return Hit(chunk.document_id, fields["version"], chunk, score, similarity, words)


def ordered(hits: Iterable[Hit]) -> list[Hit]:
    """Sort hits best first; equal scores in an order that does not depend on the engine."""
    return sorted(hits, key=lambda h: (-h.score, h.document_id, h.version, h.chunk.ordinal))


def words(ref: DocumentRef, chunk: Chunk, metadata: Metadata = NO_METADATA) -> Wording:
    """Return what BM25 sees: title, address, headings, a table's header and captions help to find a chunk, too.

    Notices are left out: what a parser says of a document would be found in place of what documents say.
    """
    text = "\n".join((chunk.table_header, chunk.own_text, chunk.captions))
    return Wording(ref.title, "\n".join(chunk.heading_path), text, metadata.language, address(ref))


def address(ref: DocumentRef) -> str:
    """Return where a document stands, for its words: its key, and what its web address has after the server's name.

    Folders and addresses say what a title leaves out: `benefits/2024/overview.pdf`.
    """
    parts = [ref.key]
    if ref.uri.startswith(("http://", "https://")) and ref.uri != ref.key:
        parts.append(ref.uri)
    return "\n".join(_SERVER.sub("", unquote(part)) for part in parts)


def stored_words(ref: DocumentRef, metadata: Metadata, fields: Mapping[str, Any]) -> Wording:
    """Return what `words` does, of a point that is stored."""
    return words(ref, hit(fields, 0.0).chunk, metadata)


def stored_versions(revisions: Iterable[str]) -> dict[str, set[str]]:
    """Split the values of the `revision` field into versions by document id."""
    found: dict[str, set[str]] = {}
    for revision in revisions:
        document, _, version = revision.partition(_SEPARATOR)
        found.setdefault(document, set()).add(version)
    return found


def pool(limit: int) -> int:
    """Return how many candidates each of the two searches offers to the fusion."""
    return max(DEPTH, 2 * limit)


def check_chunks(ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, dimension: int) -> None:
    """Refuse vectors that do not fit the chunks or the index.

    Raises:
        VectorIndexError: wrong shape, a number that is not finite, or a chunk of another document.
    """
    name = f"{ref.source}:{ref.key}"
    if vectors.shape != (len(chunks), dimension):
        raise VectorIndexError(
            f"{name}: vectors of shape {vectors.shape} for {len(chunks)} chunks of dimension {dimension}"
        )
    if not np.isfinite(vectors).all():
        raise VectorIndexError(f"{name}: a vector holds a number that is not finite", "check the embedder")
    if any(chunk.document_id != ref.id for chunk in chunks):
        raise VectorIndexError(f"{name}: a chunk belongs to another document")


def check_pictures(ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, model: Model | None) -> None:
    """Refuse pictures that do not fit the index, or all of them where it has no picture embedder.

    Raises:
        VectorIndexError: as `check_chunks`, or a chunk does not stand for exactly one picture.
    """
    check_chunks(ref, chunks, vectors, picture_model(model)[1])
    if any(len(chunk.pictures) != 1 for chunk in chunks):
        raise VectorIndexError(f"{ref.source}:{ref.key}: a picture's chunk must name that one picture")


def picture_model(model: Model | None) -> Model:
    """Return the picture embedder of an index.

    Raises:
        VectorIndexError: it was opened without one.
    """
    if model is None:
        raise VectorIndexError("the index was opened without a picture embedder", "set ASSISTANT_PICTURE_EMBEDDER")
    return model


def check_query(vector: Vectors, dimension: int) -> list[float]:
    """Return the query's vector as numbers.

    Raises:
        VectorIndexError: its shape is not `(dimension,)` or a number is not finite.
    """
    if vector.shape != (dimension,) or not np.isfinite(vector).all():
        raise VectorIndexError(f"the query's vector does not fit: shape {vector.shape}, dimension {dimension}")
    numbers: list[float] = vector.tolist()
    return numbers


def check_embedder(where: str, stored: Model, wanted: Model) -> None:
    """Refuse an index whose vectors come from another embedder than the one that asks.

    Raises:
        EmbedderMismatchError: they differ.
    """
    if stored != wanted:
        raise EmbedderMismatchError(
            f"{where} holds vectors of {stored[0]} ({stored[1]} numbers), not of {wanted[0]} ({wanted[1]})",
            f"configure that embedder again, or {_ANEW}",
        )


def check_picture_embedder(where: str, stored: Model | None, wanted: Model | None) -> None:
    """Refuse an index whose pictures were embedded by another model (None: by none) than the one that asks.

    Raises:
        EmbedderMismatchError: they differ. With no model in the index, the documents in it have no pictures to find.
    """
    if stored == wanted:
        return
    there, here = (f"{model[0]} ({model[1]} numbers)" if model else "no model" for model in (stored, wanted))
    before = "set ASSISTANT_PICTURE_EMBEDDER to that model again" if stored else "unset ASSISTANT_PICTURE_EMBEDDER"
    raise EmbedderMismatchError(f"{where} holds pictures embedded by {there}, not by {here}", f"{before}, or {_ANEW}")


def batches(chunks: Sequence[Chunk], vectors: Vectors) -> Iterator[tuple[Sequence[Chunk], Vectors]]:
    """Cut a document's chunks into pieces of at most `BATCH`, so that no single write is very large."""
    for start in range(0, len(chunks), BATCH):
        yield chunks[start : start + BATCH], vectors[start : start + BATCH]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a search may see, free of any engine: every field in `must` has one of its values, none in `must_not`.

    `said` and `period` are like `must`, of fields that points of earlier layouts lack; `period` is of the field
    `modified`: from a moment on, and until another, exclusive.
    """

    must: tuple[tuple[str, tuple[str, ...]], ...]
    must_not: tuple[tuple[str, tuple[str, ...]], ...]
    said: tuple[tuple[str, tuple[str, ...]], ...] = ()
    period: tuple[float | None, float | None] = (None, None)

    @classmethod
    def of(cls, user: User, filters: Filters) -> Scope | None:
        """Return the scope of this user's search with these filters; None where it cannot find anything."""
        if filters.sources is not None and not filters.sources:
            return None
        must = [] if filters.sources is None else [("source", filters.sources)]
        must += [("document_id", filters.documents)] if filters.documents else []
        fields = (
            ("media_type", filters.media_types), ("folders", filters.folders), ("language", filters.languages),
        )  # fmt: skip
        said = tuple((field, values) for field, values in fields if values)
        if user.reads_everything:
            return cls(tuple(must), (), said, filters.period)
        principals = tuple(sorted(user.principals))
        return cls((*must, ("allow", principals)), (("deny", principals),), said, filters.period)
