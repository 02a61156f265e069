"""How vectors are searched, by size and by what a filter leaves."""

from __future__ import annotations

import pytest

from assistant.adapters import search_plan


@pytest.mark.parametrize(
    ("matching", "has_graph", "expected"),
    [
        (0, False, "exact"),
        (search_plan.EXACT_MOST, False, "exact"),
        (search_plan.EXACT_MOST, True, "exact"),  # a narrow filter is scanned though there is a graph
        (search_plan.EXACT_MOST + 1, False, "int8"),
        (search_plan.EXACT_MOST + 1, True, "graph"),
        (10_000_000, False, "int8"),  # what lies unbuilt is searched all the same
    ],
)
def test_the_method_follows_what_the_filter_leaves(matching, has_graph, expected):
    assert search_plan.method(matching, has_graph=has_graph) == expected


def test_a_graph_is_for_large_collections():
    assert not search_plan.wants_graph(search_plan.GRAPH_FROM - 1)
    assert search_plan.wants_graph(search_plan.GRAPH_FROM)


def test_a_walk_keeps_more_candidates_than_results_are_wanted():
    assert search_plan.breadth(10) == search_plan.LEAST_BREADTH
    assert search_plan.breadth(1000) == 2000
