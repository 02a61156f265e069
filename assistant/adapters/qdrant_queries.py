"""What the index on a Qdrant server asks it: filters, and the two searches that it fuses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from assistant.adapters import fusion, points, sparse
from assistant.interfaces import Vectors
from assistant.types import Chunk, DocumentRef, Metadata, Ranking, point_id


def sparse_vector(indices: list[int], values: list[float]) -> Any:
    """Return the client's form of a sparse vector."""
    from qdrant_client import models

    return models.SparseVector(indices=indices, values=values)


def any_of(field: str, values: Sequence[str]) -> Any:
    """Return the condition that a field has one of the values."""
    from qdrant_client import models

    return models.FieldCondition(key=field, match=models.MatchAny(any=list(values)))


def older() -> Any:
    """Return the filter for points of earlier layouts."""
    from qdrant_client import models

    return models.Filter(must_not=[any_of("layout", [points.LAYOUT])])


def make_filter(scope: points.Scope, *, lagging: bool) -> Any:
    """Return the server's filter; where some points are of earlier layouts, those pass what they have no fields for."""
    from qdrant_client import models

    said: list[Any] = [any_of(field, values) for field, values in scope.said]
    since, until = scope.period
    if (since, until) != (None, None):
        said.append(models.FieldCondition(key="modified", range=models.Range(gte=since, lt=until)))
    if said and lagging:
        said = [models.Filter(should=[models.Filter(must=said), older()])]
    return models.Filter(
        must=[any_of(field, values) for field, values in scope.must] + said,
        must_not=[any_of(field, values) for field, values in scope.must_not],
    )


def search(
    client: Any, collection: str, vector: list[float], terms: sparse.SparseVector, within: Any, limit: int, how: Ranking
) -> list[fusion.Fused]:
    """Run both searches within a filter and fuse them; returns the best candidates as `fusion.fuse` does."""
    words = sparse_vector(list(terms.indices), list(terms.values)) if terms.indices else None
    pool = points.pool(limit)
    requests = [_nearest(vector, points.DENSE, within, pool)] if how.method != "words" else []
    if words is not None and how.method != "meaning":
        requests.append(_nearest(words, points.SPARSE, within, pool))
    answers = client.query_batch_points(collection, requests) if requests else []
    lists = [_scores(answer) for answer in answers]
    near, said = (lists.pop(0) if how.method != "words" else {}), (lists.pop() if lists else {})

    def look_up(query: Any, name: str) -> fusion.LookUp:
        def scores(ids: Collection[str]) -> dict[str, float]:
            (answer,) = client.query_batch_points(collection, [_nearest(query, name, _among(ids), len(ids))])
            return _scores(answer)

        return scores

    return fusion.fuse(near, said, how, limit, (look_up(vector, points.DENSE), look_up(words, points.SPARSE)))


def _nearest(query: Any, name: str, within: Any, limit: int) -> Any:
    """Return the request for the best points of one search, without their payload."""
    from qdrant_client import models

    refined = models.SearchParams(
        quantization=models.QuantizationSearchParams(rescore=True, oversampling=points.OVERSAMPLING)
    )
    params = refined if name == points.DENSE else None
    return models.QueryRequest(query=query, using=name, filter=within, params=params, limit=limit, with_payload=False)


def _scores(answer: Any) -> dict[str, float]:
    return {str(point.id): point.score for point in answer.points}


def _among(ids: Collection[str]) -> Any:
    from qdrant_client import models

    return models.Filter(must=[models.HasIdCondition(has_id=list(ids))])


def chunk_points(ref: DocumentRef, chunks: Sequence[Chunk], rows: Vectors, metadata: Metadata) -> list[Any]:
    """Return a point a chunk, in order."""
    from qdrant_client import models

    terms = sparse.embed_documents([points.words(ref, chunk, metadata) for chunk in chunks])
    return [
        models.PointStruct(
            id=point_id(ref.id, ref.version, chunk.ordinal),
            vector={points.DENSE: row, points.SPARSE: sparse_vector(list(term.indices), list(term.values))},
            payload=points.payload(ref, chunk, metadata),
        )
        for chunk, row, term in zip(chunks, rows.tolist(), terms, strict=True)
    ]


def picture_points(ref: DocumentRef, chunks: Sequence[Chunk], rows: Vectors, metadata: Metadata) -> list[Any]:
    """Return a point a picture, in order."""
    from qdrant_client import models

    return [
        models.PointStruct(
            id=point_id(ref.id, ref.version, chunk.ordinal),
            vector={points.IMAGE: row},
            payload=points.payload(ref, chunk, metadata),
        )
        for chunk, row in zip(chunks, rows.tolist(), strict=True)
    ]


def new_words(ref: DocumentRef, metadata: Metadata, records: Sequence[Any]) -> list[Any]:
    """Return what gives stored chunks of a document today's words."""
    from qdrant_client import models

    terms = sparse.embed_documents([points.stored_words(ref, metadata, record.payload) for record in records])
    return [
        models.PointVectors(id=record.id, vector={points.SPARSE: sparse_vector(list(term.indices), list(term.values))})
        for record, term in zip(records, terms, strict=True)
    ]
