"""The learned sparse vectors of an index's chunks, beside the others: of which words, by which model, how asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from assistant.adapters import points
from assistant.adapters.sparse import Wording, embed_documents
from assistant.errors import EmbedderMismatchError
from assistant.interfaces import SparseEmbedder, Vectors
from assistant.types import Chunk, DocumentRef, Metadata
from assistant.types.ranking import Ranking
from assistant.types.sparse import SparseVector

LEARNED = "learned"  # the vector's name in an index


def of_chunks(model: SparseEmbedder | None, wordings: Sequence[Wording]) -> list[SparseVector | None]:
    """Return each chunk's vector, made of the same words as its BM25 vector; None for each where there is no model."""
    if model is None:
        return [None] * len(wordings)
    texts = ["\n".join(filter(None, (one.title, one.headings, one.text))) for one in wordings]
    return list(model.embed_passages(texts))


def chunk_vectors(
    ref: DocumentRef,
    chunks: Sequence[Chunk],
    rows: Vectors,
    metadata: Metadata,
    model: SparseEmbedder | None,
    as_sparse: Callable[[SparseVector], Any],
) -> Iterator[tuple[Chunk, dict[str, Any]]]:
    """Yield each chunk with all its vectors by name, in order.

    Args:
        ref: the document's version.
        chunks, rows: with their embeddings, shape `(chunks, dimension)`.
        metadata: the document's.
        model: weighs their words as well, if there is one.
        as_sparse: gives the engine's form of a sparse vector.
    """
    wordings = [points.words(ref, chunk, metadata) for chunk in chunks]
    for chunk, row, term, weighed in zip(
        chunks, rows.tolist(), embed_documents(wordings), of_chunks(model, wordings), strict=True
    ):
        vectors: dict[str, Any] = {points.DENSE: row, points.SPARSE: as_sparse(term)}
        if weighed is not None:
            vectors[LEARNED] = as_sparse(weighed)
        yield chunk, vectors


def of_query(model: SparseEmbedder | None, text: str, how: Ranking) -> SparseVector | None:
    """Return the query's vector; None where nothing is to be searched for by it."""
    if model is None or not text.strip() or how.method in {"meaning", "words"}:
        return None
    vector = model.embed_query(text)
    return vector if vector.indices else None


def check_model(where: str, stored: str | None, wanted: SparseEmbedder | None) -> None:
    """Refuse an index whose words were weighed by another model (None: by none) than the one that asks.

    Raises:
        EmbedderMismatchError: they differ.
    """
    name = None if wanted is None else wanted.name
    if stored == name:
        return
    before = "set ASSISTANT_SPARSE_EMBEDDER to that model again" if stored else "unset ASSISTANT_SPARSE_EMBEDDER"
    raise EmbedderMismatchError(
        f"{where} holds chunks weighed by {stored or 'no learned sparse model'}, not by {name or 'none'}",
        f"{before}; `assistant reindex --sparse-embedder NAME` builds an index for another one",
    )
