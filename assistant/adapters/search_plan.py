"""Decides how vectors are stored and searched: in full, as int8 with rescoring, or through an HNSW graph.

The sizes are measured (`infra/docs/scale.md`, 384 numbers a vector). A scan's cost grows with the vectors that the filter
leaves; a graph's hardly grows at all, but it must be built, and finds a little less. Both engines build the graph's extra
links for fields that are indexed *before* the vectors (Qdrant, "filterable HNSW"): without them a filter cuts the graph
into pieces, which is how a default HNSW graph lost four of five results here.
"""

from __future__ import annotations

from typing import Literal

Method = Literal["exact", "int8", "graph"]

# Vectors that a search reads in full: as quick as int8 with its rescoring up to here, and exact.
EXACT_MOST = 5_000
# Vectors from which on a graph is built. Below, scanning all of them as int8 takes 10 ms at most; the graph would take a
# third more time to build, and a little recall.
GRAPH_FROM = 200_000
GRAPH_LINKS = 16  # a vector (HNSW's m)
GRAPH_CANDIDATES = 100  # while building (HNSW's ef_construct)
LEAST_BREADTH = 128  # candidates that a walk keeps (HNSW's ef); recall@10 0.97 at the engine's default, 0.99 from here on
OVERSAMPLING = 3.0  # int8 candidates that are scored again in full, for each that is asked for


def wants_graph(vectors: int) -> bool:
    """Whether a collection of so many vectors is to have a graph."""
    return vectors >= GRAPH_FROM


def method(matching: int, *, has_graph: bool) -> Method:
    """Return how to search.

    Args:
        matching: about how many vectors the filter leaves; all of them where there is none.
        has_graph: whether one was built.
    """
    if matching <= EXACT_MOST:
        return "exact"
    return "graph" if has_graph else "int8"


def breadth(limit: int) -> int:
    """Return how many candidates a walk through the graph keeps, for so many results."""
    return max(LEAST_BREADTH, 2 * limit)
