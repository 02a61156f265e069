"""Measures the recall of a shard of the Edge engine; see `recall`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from assistant.adapters import edge_queries as queries
from assistant.adapters import points, recall
from assistant.types import User
from assistant.types.filters import EVERYTHING
from assistant.types.recall import Recall

Engine = Callable[[], AbstractContextManager[Any]]  # yields the shard; taken anew for every search, so that others run


def measure(engine: Engine, sample: int, *, has_graph: bool) -> Recall:
    """Return the recall of the search as `edge_queries` plans it.

    Args:
        engine: gives the shard for one call.
        sample: how many stored vectors are taken for queries.
        has_graph: whether the shard has one.
    """
    from qdrant_edge import CountRequest, FacetRequest, Filter, HasVectorCondition, QueryRequest, Sample

    chunk = Filter(must=[HasVectorCondition(points.DENSE)])
    with engine() as shard:
        chunks = shard.count(CountRequest(exact=True, filter=chunk))
        facet = shard.facet(FacetRequest("allow", limit=points.ALL, exact=False, filter=None))
        counts = {str(hit.value): int(hit.count) for hit in facet.hits}
        chosen: Any = Sample.Random
        taken = shard.query(QueryRequest(limit=sample, query=chosen, filter=chunk, with_vector=[points.DENSE]))
    stored = np.array([point.vector[points.DENSE] for point in taken], dtype=np.float32)

    def scores(vector: list[float], user: User, exact: bool) -> list[float]:
        scope = points.Scope.of(user, EVERYTHING)
        within = queries.make_filter(scope, lagging=False) if scope else None
        with engine() as shard:
            return queries.scores(shard, vector, within, recall.BEST, has_graph=has_graph, exact=exact)

    return recall.measure(stored, recall.pick_readers(counts, chunks), scores)
