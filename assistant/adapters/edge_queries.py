"""What the Edge index asks its engine: filters, the one query of both searches, distinct values of a field."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from assistant.adapters import fusion, learned, points, search_plan, sparse
from assistant.interfaces import SparseEmbedder, Vectors
from assistant.types import Chunk, DocumentRef, Metadata, Ranking, point_id
from assistant.types.sparse import SparseVector as Weighed


def create_field_indexes(shard: Any) -> None:
    """Index the fields that are filtered by; one that is indexed already stays as it is."""
    from qdrant_edge import PayloadSchemaType, UpdateOperation

    for field in points.KEYWORD_FIELDS:
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
    for field in points.NUMBER_FIELDS:
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Float))


def make_filter(scope: points.Scope, *, lagging: bool) -> Any:
    """Return the engine's filter; where some points are of earlier layouts, those pass what they have no fields for."""
    from qdrant_edge import FieldCondition, Filter, MatchAny, RangeFloat

    def conditions(fields: tuple[tuple[str, tuple[str, ...]], ...]) -> list[Any]:
        return [FieldCondition(name, match=MatchAny(list(values))) for name, values in fields]

    must, said = conditions(scope.must), conditions(scope.said)
    since, until = scope.period
    if (since, until) != (None, None):
        said.append(FieldCondition("modified", range=RangeFloat(gte=since, lt=until)))
    if said and lagging:
        said = [Filter(should=[Filter(must=said), older()])]
    return Filter(must=must + said, must_not=conditions(scope.must_not))


def older() -> Any:
    """Return the filter for points of earlier layouts."""
    from qdrant_edge import FieldCondition, Filter, MatchValue

    return Filter(must_not=[FieldCondition("layout", match=MatchValue(points.LAYOUT))])


def lags(shard: Any) -> bool:
    """Whether there are points of earlier layouts."""
    from qdrant_edge import CountRequest, FieldCondition, Filter, MatchValue

    current = Filter(must=[FieldCondition("layout", match=MatchValue(points.LAYOUT))])
    return bool(shard.count(CountRequest(exact=True, filter=current)) < shard.count(CountRequest(exact=True)))


def sparse_vector(vector: Weighed) -> Any:
    """Return the engine's form of a sparse vector."""
    from qdrant_edge import SparseVector

    return SparseVector(list(vector.indices), list(vector.values))


def chunk_points(
    ref: DocumentRef, chunks: Sequence[Chunk], rows: Vectors, metadata: Metadata, model: SparseEmbedder | None
) -> list[Any]:
    """Return a point a chunk, in order; `model` weighs their words as well, if there is one."""
    from qdrant_edge import Point

    return [
        Point(point_id(ref.id, ref.version, chunk.ordinal), vectors, points.payload(ref, chunk, metadata))
        for chunk, vectors in learned.chunk_vectors(ref, chunks, rows, metadata, model, sparse_vector)
    ]


def picture_points(ref: DocumentRef, chunks: Sequence[Chunk], rows: Vectors, metadata: Metadata) -> list[Any]:
    """Return a point a picture, in order."""
    from qdrant_edge import Point

    return [
        Point(point_id(ref.id, ref.version, chunk.ordinal), {points.IMAGE: row}, points.payload(ref, chunk, metadata))
        for chunk, row in zip(chunks, rows.tolist(), strict=True)
    ]


def new_words(ref: DocumentRef, metadata: Metadata, records: Sequence[Any]) -> Any:
    """Return the operation that gives stored chunks of a document today's words."""
    from qdrant_edge import PointVectors, UpdateOperation

    terms = sparse.embed_documents([points.stored_words(ref, metadata, record.payload) for record in records])
    return UpdateOperation.update_vectors(
        [
            PointVectors(record.id, {points.SPARSE: sparse_vector(term)})
            for record, term in zip(records, terms, strict=True)
        ]
    )


def planned(shard: Any, within: Any, limit: int, *, has_graph: bool) -> Any:
    """Return the parameters of a vector search within a filter: see `search_plan`. The estimate takes 0.05 ms."""
    from qdrant_edge import CountRequest, QuantizationSearchParams, SearchParams

    matching = shard.count(CountRequest(exact=False, filter=within))
    method = search_plan.method(matching, has_graph=has_graph)
    if method == "exact":
        return SearchParams(exact=True)
    refined = QuantizationSearchParams(rescore=True, oversampling=search_plan.OVERSAMPLING)
    return SearchParams(hnsw_ef=search_plan.breadth(limit) if method == "graph" else None, quantization=refined)


def search(
    shard: Any,
    vector: list[float],
    terms: Weighed,
    within: Any,
    limit: int,
    how: Ranking,
    *,
    has_graph: bool,
    weighed: Weighed | None = None,
) -> Any:
    """Run the searches within a filter and fuse them; returns the best candidates as `fusion.fuse` does.

    `weighed` is the query by a learned sparse model, None for two searches only.
    """
    from qdrant_edge import QueryBatchRequest, SearchParams

    words = sparse_vector(terms) if terms.indices else None
    more = None if weighed is None else sparse_vector(weighed)
    pool = points.pool(limit)
    requests: dict[str, Any] = {}
    if how.method != "words":
        params = planned(shard, within, pool, has_graph=has_graph)
        requests[points.DENSE] = _nearest(vector, points.DENSE, within, pool, params)
    if words is not None and how.method != "meaning":
        requests[points.SPARSE] = _nearest(words, points.SPARSE, within, pool)
    if more is not None:
        requests[learned.LEARNED] = _nearest(more, learned.LEARNED, within, pool)
    answers = shard.query_batch(QueryBatchRequest(list(requests.values()))) if requests else []
    lists = {name: _scores(found) for name, found in zip(requests, answers, strict=True)}
    near, said = lists.get(points.DENSE, {}), lists.get(points.SPARSE, {})

    def look_up(query: Any, name: str) -> fusion.LookUp:
        exactly = SearchParams(exact=True)
        return lambda ids: _scores(shard.query(_nearest(query, name, _among(ids), len(ids), exactly)))

    third = None if more is None else (lists[learned.LEARNED], look_up(more, learned.LEARNED))
    return fusion.fuse(near, said, how, limit, (look_up(vector, points.DENSE), look_up(words, points.SPARSE)), third)


def _nearest(query: Any, name: str, within: Any, limit: int, params: Any = None) -> Any:
    """Return the request for the best points of one search, without their payload."""
    from qdrant_edge import Query, QueryRequest

    nearest: Any = Query.Nearest(query, using=name)
    return QueryRequest(limit=limit, query=nearest, filter=within, params=params, with_payload=False)


def _scores(found: Sequence[Any]) -> dict[Any, float]:
    return {point.id: point.score for point in found}


def _among(ids: Collection[Any]) -> Any:
    from qdrant_edge import Filter, HasIdCondition

    return Filter(must=[HasIdCondition(set(ids))])


def values(shard: Any, field: str, within: Any = None) -> list[str]:
    """Return the distinct values of a keyword field, of all points or of those within a filter.

    Read from the field's index, which leaves deleted points out at once; the engine's `exact` counts point by point.
    """
    from qdrant_edge import FacetRequest

    request = FacetRequest(field, limit=points.ALL, exact=False, filter=within)
    return [hit.value for hit in shard.facet(request).hits if hit.count > 0]


def scores(shard: Any, vector: list[float], within: Any, limit: int, *, has_graph: bool, exact: bool) -> list[float]:
    """Return the scores of the nearest chunks within a filter, found as `request` finds them, or exactly.

    `request` asks the vector search for a pool that is larger than what it returns; so does this.
    """
    from qdrant_edge import Query, QueryRequest, SearchParams

    pool = points.pool(limit)
    params = SearchParams(exact=True) if exact else planned(shard, within, pool, has_graph=has_graph)
    nearest: Any = Query.Nearest(vector, using=points.DENSE)
    found = shard.query(QueryRequest(limit=pool, query=nearest, filter=within, params=params))
    return [float(point.score) for point in found[:limit]]
