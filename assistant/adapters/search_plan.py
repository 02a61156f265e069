"""Decides how vectors are stored and searched: in full, as int8 with rescoring, or through an HNSW graph.

The sizes are measured (`infra/docs/scale.md`, 384 numbers a vector). A scan's cost grows with the vectors that the
filter leaves; a graph's hardly grows at all, but it must be built, and finds a little less. Both engines build the
graph's extra links for fields that are indexed *before* the vectors (Qdrant, "filterable HNSW"): without them a
filter cuts the graph into pieces, which is how a default HNSW graph lost four of five results here.
"""

from __future__ import annotations

from typing import Literal

Method = Literal["exact", "int8", "graph"]

# Vectors that a search reads in full: as quick as int8 with its rescoring up to here, and exact.
EXACT_MOST = 5_000
# Vectors from which on a graph is built. Below, scanning all of them as int8 takes 4 ms at most; a graph would cost
# more time to build, and some recall.
GRAPH_FROM = 100_000
GRAPH_LINKS = 16  # a vector (HNSW's m)
GRAPH_CANDIDATES = 100  # while building (HNSW's ef_construct)
LEAST_BREADTH = 512  # candidates that a walk keeps (HNSW's ef): 1 ms; recall@10 0.96 at 100, 0.98 at 200
REWRITTEN_AT_CLOSE = 100_000  # vectors, 10 s; what is more is left to the upkeep of the process that opens it next
_DUE = 5_000  # new vectors that are worth a rewriting; the engine itself does nothing below some thousand
_DUE_SHARE = 10  # one in so many is new
_HURRY = 10  # times as many are rewritten though more are being written
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


def is_due(pending: int, vectors: int, *, quiet: bool) -> bool:
    """Whether a collection is to be rewritten now.

    Args:
        pending: vectors written since the last time.
        vectors: all of them.
        quiet: whether nothing is being written; it is waited for, if not for long.
    """
    due = max(_DUE, vectors // _DUE_SHARE)
    return pending >= (due if quiet else _HURRY * due)
