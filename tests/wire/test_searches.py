"""What a search is narrowed to: names as people write them, and clear errors for what is none."""

from __future__ import annotations

import pytest

from assistant.errors import ConfigurationError
from assistant.types import EVERYTHING, Filters, SearchTrace, StageTrace
from assistant.wire import FiltersJson, TraceJson


def test_nothing_narrows_nothing() -> None:
    assert FiltersJson().filters() == EVERYTHING


def test_names_become_filters() -> None:
    given = FiltersJson(
        sources=["hr"],
        types=["PDF", ".md", "application/pdf"],
        paths=["a/b"],
        languages=["DE "],
        after="2024-01-01",
        before="2025-01-01T12:00:00Z",
    )
    assert given.filters() == Filters(
        sources=("hr",),
        media_types=("application/pdf", "text/markdown"),
        paths=("a/b",),
        languages=("de",),
        modified_from="2024-01-01",
        modified_until="2025-01-01T12:00:00Z",
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"types": ["nonsense"]}, "no type 'nonsense'"),
        ({"types": [""]}, "no type ''"),
        ({"languages": ["german"]}, "'german' is no language"),
        ({"after": "yesterday"}, "'yesterday' is no date"),
        ({"before": "2024-13-01"}, "'2024-13-01' is no date"),
        ({"after": "2024-02-01", "before": "2024-01-01"}, "after 2024-02-01 and before 2024-01-01"),
    ],
)
def test_what_is_none_is_named(given: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        FiltersJson.model_validate(given).filters()
    assert caught.value.hint


def test_a_trace() -> None:
    trace = SearchTrace((StageTrace("search", 1.23456, 0, 5, "asked for 5"),), ("the model is away",), cached=True)
    assert TraceJson.of(trace).model_dump() == {
        "stages": [{"name": "search", "milliseconds": 1.235, "before": 0, "after": 5, "note": "asked for 5"}],
        "warnings": ["the model is away"],
        "cached": True,
    }
