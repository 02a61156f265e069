"""Events as they are recorded: in the transaction in which they happen, and nothing of what people uploaded."""

from __future__ import annotations

import time

import pytest

from assistant.catalog import Catalog
from assistant.catalog.events import EVENTS
from assistant.errors import SourceBusyError


@pytest.fixture(autouse=True)
def registered(catalog: Catalog) -> None:
    """A source, and a webhook that wants to know everything."""
    catalog.sources.add("s", "folder", {}, {})
    catalog.webhooks.add("w", "https://hooks.example.org/", EVENTS, "whsec_c2VjcmV0")


def told(catalog: Catalog) -> list[tuple[str, str | None]]:
    """Return what was recorded, oldest first: the event, and the state that it tells of."""
    return [(one.event, one.data.get("state")) for one in reversed(catalog.deliveries.newest("w", 100))]


def test_each_run_has_a_begin_and_an_end(catalog: Catalog) -> None:
    first = catalog.runs.start("s", "cli", "a")
    with pytest.raises(SourceBusyError):
        catalog.runs.start("s", "cli", "b")
    second = catalog.runs.start("s", "schedule", "b", instead_of=[first.id])
    catalog.runs.finish(first.id, "failed", "it is over already")
    catalog.runs.cancel(second.id)
    catalog.runs.listed(second.id)
    catalog.runs.finish_if_complete(second.id)
    catalog.runs.finish_if_complete(second.id)
    assert told(catalog) == [
        ("run.started", None),
        ("run.finished", "interrupted"),
        ("run.started", None),
        ("run.finished", "done"),
    ]


def test_a_run_that_is_not_wanted_was_never_told_of_unless_it_was_sent(catalog: Catalog) -> None:
    first = catalog.runs.start("s", "cli", "a")
    second = catalog.runs.start("s", "cli", "b", instead_of=[first.id])
    catalog.runs.discard(second.id, [first.id])
    assert told(catalog) == [("run.started", None)]  # of the first one, which goes on
    catalog.runs.finish(first.id, "failed", "no")
    assert told(catalog) == [("run.started", None), ("run.failed", "failed")]
    third = catalog.runs.start("s", "cli", "c")
    begun = catalog.deliveries.newest("w", 1)[0]
    assert catalog.deliveries.take(begun, time.time() + 60) is not None
    catalog.runs.discard(third.id)
    assert catalog.deliveries.newest("w", 1)[0].id == begun.id


def test_pausing_is_told_when_it_changes_something(catalog: Catalog) -> None:
    for state in ("active", "paused", "paused", "active", "removing"):
        catalog.sources.set_state("s", state)  # type: ignore[arg-type]
    assert [event for event, _ in told(catalog)] == ["source.paused", "source.resumed"]


def test_nothing_is_told_of_what_a_person_uploaded(catalog: Catalog) -> None:
    catalog.sources.add("uploads of anna", "uploads", {"user": "anna"}, {})
    run = catalog.runs.start("uploads of anna", "upload", "a")
    catalog.sources.set_state("uploads of anna", "paused")
    catalog.sources.remove("uploads of anna")
    catalog.runs.finish(run.id, "interrupted", "the source was removed")
    assert told(catalog) == []


def test_only_webhooks_that_are_on_and_want_it_are_told(catalog: Catalog) -> None:
    catalog.webhooks.change("w", enabled=False)
    catalog.webhooks.add("other", "https://hooks.example.org/", ["source.paused"], "whsec_c2VjcmV0")
    catalog.runs.start("s", "cli", "a")
    catalog.sources.set_state("s", "paused")
    assert told(catalog) == []
    assert [one.event for one in catalog.deliveries.newest("other", 10)] == ["source.paused"]


def test_deliveries_go_with_their_webhook_and_with_time(catalog: Catalog) -> None:
    catalog.runs.start("s", "cli", "a")
    assert catalog.deliveries.prune(time.time() - 60) == 0
    assert catalog.deliveries.prune(time.time() + 60) == 1
    catalog.sources.set_state("s", "paused")
    catalog.webhooks.remove("w")
    assert catalog.deliveries.newest("w", 10) == []
    catalog.sources.set_state("s", "active")  # nobody wants to know
