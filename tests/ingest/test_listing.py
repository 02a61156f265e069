"""Sources that list only what changed since a cursor: what they do not name again must not be lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import DocumentChangedError, EncryptedDocumentError, PluginError
from assistant.types import LOCAL_OPERATOR, Access, Change, Changed, Checkpoint, Deleted
from tests.fakes.system import LineChunker, System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture
def log(system: System, monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """What the source lists next; a cursor follows by itself."""
    changes: list[Change] = []
    monkeypatch.setattr(system.source, "changes", lambda _: iter([*changes, Checkpoint("next")]))
    return changes


def test_a_failure_that_a_retry_may_mend_is_tried_again(system: System, log: list[Change]) -> None:
    system.source.texts = {"a": "one", "locked": "two"}
    system.source.errors = {"a": DocumentChangedError("moving"), "locked": EncryptedDocumentError("locked")}
    log[:] = [Changed("a", "1"), Changed("locked", "1")]
    assert system.ingestor.sync("s", "cli").failed == 2
    system.source.errors.pop("a")
    system.source.fetched.clear()
    log.clear()
    report = system.ingestor.sync("s", "cli")
    assert (report.seen, report.added, report.failed) == (0, 1, 0)
    assert system.source.fetched == ["a"]


def test_the_last_word_on_a_key_counts(system: System, log: list[Change]) -> None:
    system.source.texts = {"again": "one", "twice": "one"}
    log[:] = [Changed("again", "1"), Deleted("again"), Changed("again", "2"), Changed("gone", "1"), Deleted("gone")]
    log.append(Changed("twice", "1"))
    report = system.ingestor.sync("s", "cli")
    assert (report.seen, report.added, report.deleted, report.failed) == (2, 2, 0, 0)
    system.source.texts["twice"] = "two"
    log[:] = [Changed("twice", "1"), Changed("twice", "2")]
    assert system.ingestor.sync("s", "cli").updated == 1
    log[:] = [Changed("again", "2"), Deleted("again")]
    report = system.ingestor.sync("s", "cli")
    assert (report.seen, report.unchanged, report.deleted) == (0, 0, 1)


def test_a_new_rule_and_a_new_chunker_reach_what_is_not_listed(system: System, log: list[Change]) -> None:
    system.source.texts = {"a": "one"}
    log[:] = [Changed("a", "1")]
    system.ingestor.sync("s", "cli")
    log.clear()
    system.catalog.sources.set_readers("s", {"default": ["hr"]})
    assert system.ingestor.sync("s", "cli").updated == 1
    assert system.library.info("s", "a", LOCAL_OPERATOR).ref.access == Access(frozenset({"group:hr"}))
    system.ingestor = system.new_ingestor(LineChunker("lines/2"))
    assert system.ingestor.sync("s", "cli").updated == 1
    assert system.ingestor.sync("s", "cli").updated == 0


def test_a_plugin_that_fails_while_it_lists_is_named(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def changes(_: str | None) -> Iterator[Change]:
        yield Changed("a")
        raise KeyError("oops")

    monkeypatch.setattr(system.source, "changes", changes)
    with pytest.raises(PluginError, match="'s' failed while it listed: KeyError: 'oops'"):
        system.ingestor.sync("s", "cli")
    assert system.catalog.runs.newest()[0].state == "failed"
