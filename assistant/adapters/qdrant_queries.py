"""What the index on a Qdrant server asks it: filters, and the two searches that it fuses."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from assistant.adapters import fusion, learned, points, search_plan, sparse
from assistant.interfaces import SparseEmbedder, Vectors
from assistant.types import Chunk, DocumentRef, Metadata, Ranking, point_id
from assistant.types.sparse import SparseVector as Weighed


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


def planned(client: Any, collection: str, within: Any, limit: int, *, has_graph: bool) -> Any:
    """Return the parameters of a vector search within a filter: see `search_plan`.

    Where there is no graph the server scans what the filter leaves by itself, so nothing is counted.
    """
    from qdrant_client import models

    refined = models.QuantizationSearchParams(rescore=True, oversampling=search_plan.OVERSAMPLING)
    if not has_graph:
        return models.SearchParams(quantization=refined)
    matching = client.count(collection, within, exact=False).count
    if search_plan.method(matching, has_graph=True) == "exact":
        return models.SearchParams(exact=True)
    return models.SearchParams(hnsw_ef=search_plan.breadth(limit), quantization=refined)


def graph(*, wanted: bool) -> Any:
    """Return the configuration of the graph over the chunks' vectors; without one all are scanned."""
    from qdrant_client import models

    links = search_plan.GRAPH_LINKS if wanted else 0
    return models.HnswConfigDiff(m=links, ef_construct=search_plan.GRAPH_CANDIDATES)


def search(
    client: Any,
    collection: str,
    vector: list[float],
    terms: Weighed,
    within: Any,
    limit: int,
    how: Ranking,
    *,
    has_graph: bool,
    weighed: Weighed | None = None,
) -> list[fusion.Fused]:
    """Run the searches within a filter and fuse them; returns the best candidates as `fusion.fuse` does.

    `weighed` is the query by a learned sparse model, None for two searches only.
    """
    from qdrant_client import models

    words = _sparse(terms) if terms.indices else None
    more = None if weighed is None else _sparse(weighed)
    pool = points.pool(limit)
    requests: dict[str, Any] = {}
    if how.method != "words":
        params = planned(client, collection, within, pool, has_graph=has_graph)
        requests[points.DENSE] = _nearest(vector, points.DENSE, within, pool, params)
    if words is not None and how.method != "meaning":
        requests[points.SPARSE] = _nearest(words, points.SPARSE, within, pool)
    if more is not None:
        requests[learned.LEARNED] = _nearest(more, learned.LEARNED, within, pool)
    answers = client.query_batch_points(collection, list(requests.values())) if requests else []
    lists = {name: _scores(answer) for name, answer in zip(requests, answers, strict=True)}
    near, said = lists.get(points.DENSE, {}), lists.get(points.SPARSE, {})

    def look_up(query: Any, name: str) -> fusion.LookUp:
        def scores(ids: Collection[str]) -> dict[str, float]:
            exactly = models.SearchParams(exact=True)
            (answer,) = client.query_batch_points(collection, [_nearest(query, name, _among(ids), len(ids), exactly)])
            return _scores(answer)

        return scores

    third = None if more is None else (lists[learned.LEARNED], look_up(more, learned.LEARNED))
    return fusion.fuse(near, said, how, limit, (look_up(vector, points.DENSE), look_up(words, points.SPARSE)), third)


def _nearest(query: Any, name: str, within: Any, limit: int, params: Any = None) -> Any:
    """Return the request for the best points of one search, without their payload."""
    from qdrant_client import models

    return models.QueryRequest(query=query, using=name, filter=within, params=params, limit=limit, with_payload=False)


def _scores(answer: Any) -> dict[str, float]:
    return {str(point.id): point.score for point in answer.points}


def _among(ids: Collection[str]) -> Any:
    from qdrant_client import models

    return models.Filter(must=[models.HasIdCondition(has_id=list(ids))])


def chunk_points(
    ref: DocumentRef, chunks: Sequence[Chunk], rows: Vectors, metadata: Metadata, model: SparseEmbedder | None
) -> list[Any]:
    """Return a point a chunk, in order; `model` weighs their words as well, if there is one."""
    from qdrant_client import models

    return [
        models.PointStruct(
            id=point_id(ref.id, ref.version, chunk.ordinal),
            vector=vectors,
            payload=points.payload(ref, chunk, metadata),
        )
        for chunk, vectors in learned.chunk_vectors(ref, chunks, rows, metadata, model, _sparse)
    ]


def _sparse(vector: Weighed) -> Any:
    return sparse_vector(list(vector.indices), list(vector.values))


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
        models.PointVectors(id=record.id, vector={points.SPARSE: _sparse(term)})
        for record, term in zip(records, terms, strict=True)
    ]
