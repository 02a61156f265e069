"""A source is changed as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ConfigurationError, NotFoundError, SourceUnreachableError
from assistant.ingest.editing import edit_source
from assistant.types import Access, User
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


def test_what_other_readers_take_away_is_gone_before_any_sync_and_what_they_give_is_not_there_yet(
    system: System,
) -> None:
    system.source.texts = {"hr/pay.txt": "Pay.\n", "menu.txt": "Soup.\n", "own.txt": "Mine.\n"}
    system.source.access = {"own.txt": Access(frozenset({"group:it"}))}
    edit_source(system.catalog, system.registry, "s", {"readers": {"default": ["hr", "it"]}})
    system.ingestor.sync("s", "cli")

    def readable(group: str) -> list[str]:
        return [info.ref.key for info in system.library.documents(User("x", frozenset({group})))]

    assert (readable("hr"), readable("it")) == (["hr/pay.txt", "menu.txt"], ["hr/pay.txt", "menu.txt", "own.txt"])
    rule = {"default": ["it", "board"], "rules": [{"glob": "hr/**", "readers": ["hr", "it"], "deny": ["it"]}]}
    edit_source(system.catalog, system.registry, "s", {"readers": rule})
    assert (readable("hr"), readable("it"), readable("board")) == (["hr/pay.txt"], ["menu.txt", "own.txt"], [])
    system.ingestor.sync("s", "cli")
    assert (readable("hr"), readable("it"), readable("board")) == (
        ["hr/pay.txt"],
        ["menu.txt", "own.txt"],
        ["menu.txt"],
    )
    hits = system.retriever.search("Soup", User("x", frozenset({"board"})), 5)
    assert [hit.ref.key for hit in hits] == ["menu.txt"]  # the index follows
