"""Measures the recall of a collection on a Qdrant server; see `recall`."""

from __future__ import annotations

from typing import Any

import numpy as np

from assistant.adapters import points, recall
from assistant.adapters import qdrant_queries as queries
from assistant.types import EVERYTHING, User
from assistant.types.recall import Recall


def measure(client: Any, collection: str, sample: int, *, has_graph: bool) -> Recall:
    """Return the recall of the search as `qdrant_queries` plans it.

    Args:
        client: a `QdrantClient`.
        collection: its name.
        sample: how many stored vectors are taken for queries.
        has_graph: whether the collection has one.
    """
    from qdrant_client import models

    chunk = models.Filter(must=[models.HasVectorCondition(has_vector=points.DENSE)])
    chunks = client.count(collection, chunk, exact=True).count
    facet = client.facet(collection, "allow", limit=points.ALL)
    counts = {str(hit.value): int(hit.count) for hit in facet.hits}
    anywhere = models.SampleQuery(sample=models.Sample.RANDOM)
    taken = client.query_points(
        collection, query=anywhere, query_filter=chunk, limit=sample, with_vectors=[points.DENSE]
    ).points
    stored = np.array([point.vector[points.DENSE] for point in taken], dtype=np.float32)
    pool = points.pool(recall.BEST)

    def scores(vector: list[float], user: User, exact: bool) -> list[float]:
        scope = points.Scope.of(user, EVERYTHING)
        within = queries.make_filter(scope, lagging=False) if scope else None
        params = models.SearchParams(exact=True)
        if not exact:
            params = queries.planned(client, collection, within, pool, has_graph=has_graph)
        found = client.query_points(
            collection, query=vector, using=points.DENSE, query_filter=within, limit=pool, search_params=params
        ).points
        return [float(point.score) for point in found[: recall.BEST]]

    return recall.measure(stored, recall.pick_readers(counts, chunks), scores)
