"""A source is changed as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ConfigurationError, NotFoundError, SourceUnreachableError
from assistant.ingest.editing import edit_source
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


def test_what_is_given_changes_and_the_rest_stays(system: System) -> None:
    changed = edit_source(
        system.catalog,
        system.registry,
        "s",
        {"schedule": "0 6 * * 1", "time_zone": "Europe/Vienna", "readers": {"default": ["hr"]}, "concurrency": 2},
    )
    assert (changed.schedule, changed.time_zone) == ("0 6 * * 1", "Europe/Vienna")
    assert changed.readers["default"] == ["hr"]
    assert (changed.concurrency, changed.per_minute) == (2, None)
    changed = edit_source(system.catalog, system.registry, "s", {"schedule": None, "per_minute": 30})
    assert (changed.schedule, changed.time_zone, changed.concurrency, changed.per_minute) == (
        None,
        "Europe/Vienna",
        2,
        30,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"schedule": "whenever"},
        {"time_zone": "Vienna"},
        {"readers": {"defalt": []}},
        {"concurrency": 3, "passwords": ["**********"]},
        {"concurrency": 0},
        {"per_minute": -1.0},
        {"passwords": ["**********"]},
    ],
)
def test_one_wrong_value_changes_nothing(system: System, wrong: Any) -> None:
    before = system.catalog.sources.get("s")
    with pytest.raises(ConfigurationError):
        edit_source(system.catalog, system.registry, "s", {"schedule": "every 5m", **wrong})
    assert system.catalog.sources.get("s") == before


def test_a_configuration_is_tried_first(system: System) -> None:
    system.source.listing_error = SourceUnreachableError("the share is away", "wait")
    with pytest.raises(SourceUnreachableError):
        edit_source(system.catalog, system.registry, "s", {"config": {}})
    with pytest.raises(NotFoundError):
        edit_source(system.catalog, system.registry, "nobody", {})
