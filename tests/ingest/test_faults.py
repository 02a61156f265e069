"""Faults of source, credentials, documents, index and runs: shown clearly, nothing lost, and no other source held up.

Each by both ways of ingesting: in one process, and by stages as workers and the reconciler do it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from assistant.errors import (
    IndexUnavailableError,
    SourceError,
    SourceUnreachableError,
)
from assistant.ingest import Limits
from assistant.ingest.owners import this_process
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import LOCAL_OPERATOR, Change, Document, DocumentRef, RawDocument
from tests.fakes.faults import Broker, add_other, again, assert_is_clean, ingest, make_due, newest, texts
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = texts()
    yield system
    system.close()


@pytest.fixture(params=["one process", "stages"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# The source


def test_a_source_that_does_not_answer_is_said_and_deletes_nothing(system: System, way: str) -> None:
    ingest(system, way)
    add_other(system)
    system.source.listing_error = SourceUnreachableError("the share is away", "see that it is mounted")
    errors = ingest(system, way)
    assert "the share is away" in str(errors[0])
    record, run = system.catalog.sources.get("s"), newest(system)
    assert (run.state, run.error) == ("failed", "the share is away (see that it is mounted)")
    assert (record.last_error, record.failed_syncs) == (run.error, 1)
    assert record.retry_at is not None
    ingest(system, way, "other")
    assert newest(system, "other").state == "done"
    assert len(system.library.documents(LOCAL_OPERATOR)) == 13
    system.source.listing_error = None
    system.source.texts["new"] = "new"
    ingest(system, way)
    assert system.catalog.sources.get("s").last_error is None
    assert_is_clean(system)


def test_a_source_that_breaks_off_its_listing_loses_nothing(
    system: System, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(system, way)
    system.source.texts = {f"{n:04}": f"text {n}" for n in range(520)}  # more than are recorded at once
    changes = system.source.changes

    def break_off(cursor: str | None) -> Iterator[Change]:
        yield from itertools.islice(changes(cursor), 510)
        raise SourceUnreachableError("the connection was reset", "wait")

    with monkeypatch.context() as patch:
        patch.setattr(system.source, "changes", break_off)
        ingest(system, way)
    assert newest(system).state == "failed"
    assert system.index.counts().documents == 12
    system.source.texts = {key: text for key, text in system.source.texts.items() if key < "0010"}
    ingest(system, way)
    assert_is_clean(system)


def test_what_is_unreachable_in_the_middle_is_fetched_when_it_is_back(system: System, way: str) -> None:
    add_other(system)
    for key in list(system.source.texts)[5:]:
        system.source.errors[key] = SourceUnreachableError(f"{key}: the server is restarting", "wait")
    assert ingest(system, way) == []
    run = newest(system)
    assert (run.state, run.added, run.failed) == ("done", 5, 7)
    failed = system.catalog.jobs.failed()
    assert all(job.failure and job.failure.retryable and job.not_before for job in failed)
    ingest(system, way, "other")
    assert newest(system, "other").added == 1
    system.source.errors.clear()
    make_due(system)
    again(system, way)
    assert system.catalog.jobs.failed() == []
    assert_is_clean(system)


# Credentials


def revoke(system: System, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the source refuse all documents but the first `after`, as one whose token was revoked does."""
    fetch, fetched = system.source.fetch, itertools.count()

    def refused(key: str) -> RawDocument:
        if next(fetched) >= after:
            raise SourceError("the server refuses the token (401)", "give the source a new token")
        return fetch(key)

    monkeypatch.setattr(system.source, "fetch", refused)


def test_revoked_credentials_end_the_run_and_keep_every_document(
    system: System, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(system, way)
    add_other(system)
    system.source.texts = {key: text + "\nchanged" for key, text in system.source.texts.items()}
    with monkeypatch.context() as patch:
        revoke(system, patch, 5)
        ingest(system, way)
        run = newest(system)
        assert run.state == "failed"
        assert "refuses the token (401) (give the source a new token)" in str(run.error)
        assert len(system.library.documents(LOCAL_OPERATOR)) == 12  # none was removed
        assert system.catalog.jobs.failed() == []  # no document is at fault, so none is given up
        ingest(system, way, "other")
        assert newest(system, "other").added == 1
    ingest(system, way)
    assert newest(system).state == "done"
    assert_is_clean(system)


def test_credentials_that_are_revoked_in_the_first_sync_leave_all_of_it_to_the_next(
    system: System, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        revoke(system, patch, 0)
        ingest(system, way)
    assert newest(system).state == "failed"
    ingest(system, way)
    assert_is_clean(system)


# Poison

POISON = """
import ctypes, os, time
from assistant.types import Document

class Poison:
    name, version = "poison", "1"

    def accepts(self, ref):
        return ref.media_type == "application/x-poison"

    def parse(self, ref, data):
        text = data.decode()
        if text == "exit":
            os._exit(3)
        if text == "segfault":
            ctypes.string_at(0)
        if text == "hang":
            time.sleep(60)
        return Document(ref, text)

def register(registry):
    registry.add_parser(Poison())
"""
POISONS = {"exit": "ended by itself with status 3", "segfault": "SIGSEGV", "hang": "limit of 30 seconds"}


class PoisonParser:
    """Stands in this process for the parser that does its work in another."""

    name, version = "poison", "1"

    def accepts(self, ref: DocumentRef) -> bool:
        return ref.media_type == "text/plain"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        raise NotImplementedError


@pytest.fixture
def poisoned(system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """A system with real parser processes, and a parser in them that does what a document tells it."""
    information = tmp_path / "site" / "poison-1.0.dist-info"
    information.mkdir(parents=True)
    (tmp_path / "site" / "poison_plugin.py").write_text(POISON)
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: poison\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text("[assistant.plugins]\npoison = poison_plugin:register\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    system.registry.add_parser(PoisonParser())
    limits: dict[str, Any] = {"workers": 2, "memory_bytes": 1 << 30, "seconds": 30, "max_bytes": 1_000_000}
    with ParserPool(**limits, place_of=lambda _: "poison") as pool:
        system.parsers = cast(Any, pool)
        system.ingestor = system.new_ingestor(limits=Limits(batch_chunks=3, turn_seconds=1000.0))
        yield system


def unexpected(parser: str, ref: DocumentRef, *_: object) -> NoReturn:
    raise AssertionError(f"{ref.key} is parsed by {parser}")


def test_a_document_that_kills_or_hangs_its_parser_costs_itself_only(
    poisoned: System, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy = dict(poisoned.source.texts)
    poisoned.source.texts |= {name: name for name in POISONS}
    add_other(poisoned)
    assert ingest(poisoned, way) == []
    run = newest(poisoned)
    assert (run.state, run.added, run.failed) == ("done", 12, 3)
    failures = {failure.key: failure for failure in poisoned.catalog.runs.failures(run.id)}
    for name, cause in POISONS.items():
        assert cause in failures[name].error
        assert (failures[name].code, failures[name].retryable) == ("ParserCrashedError", False)
    assert "ASSISTANT_PARSE_SECONDS" in failures["hang"].error
    ingest(poisoned, way, "other")
    assert newest(poisoned, "other").added == 1
    with monkeypatch.context() as patch:
        patch.setattr(poisoned.parsers, "parse", unexpected)  # none of them is parsed again
        Broker(poisoned).look()
        ingest(poisoned, way)
    assert newest(poisoned).failed == 3  # and none is forgotten
    assert_is_clean(poisoned, wanted=healthy)
    poisoned.source.texts["exit"] = "healed"
    ingest(poisoned, way)
    assert_is_clean(poisoned, wanted=healthy | {"exit": "healed"})


# The index


def test_an_index_that_goes_between_two_commits_loses_nothing(
    system: System, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(system, way)
    system.source.texts = {key: text + "\nchanged" for key, text in system.source.texts.items()} | {"new": "new"}
    flush, flushes = system.index.flush, itertools.count(1)

    def away(*_: object, **__: object) -> None:
        raise IndexUnavailableError("the owner of the index does not answer", "start `assistant up`")

    def goes() -> None:
        if next(flushes) == 2:
            for method in ("write", "delete", "flush", "set_access"):
                patch.setattr(system.index, method, away)
            away()
        flush()

    with monkeypatch.context() as patch:
        patch.setattr(system.index, "flush", goes)
        system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, batch_chunks=3))
        errors = ingest(system, way)
        assert any("does not answer" in str(error) for error in errors)
        run = newest(system)
        assert run.state == "running"
        assert way == "one process" or run.error == f"embed waits: {errors[-1]}"
        assert len(system.library.documents(LOCAL_OPERATOR)) >= 12
    again(system, way)
    assert newest(system).state == "done"
    assert_is_clean(system)


# What is ended


@pytest.mark.parametrize("end", ["cancel", "fail"])
def test_what_an_ended_run_left_prepared_does_not_hold_up_others(system: System, end: str) -> None:
    system.ingestor = system.new_ingestor(limits=Limits(most_prepared=5, turn_seconds=1000.0))
    run_id = system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    if end == "cancel":
        system.catalog.runs.cancel(run_id)
    else:
        system.catalog.runs.finish(run_id, "failed", "its credentials were revoked")
    add_other(system)
    assert ingest(system, "stages", "other") == []
    assert newest(system, "other").added == 1
    ingest(system, "stages")
    assert_is_clean(system)


def test_a_broker_that_goes_while_the_reconciler_asks_for_a_sync_loses_nothing(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = this_process().split("/")[0]
    system.catalog.runs.start("s", "api", f"{here}/999999999/1/dead")
    broker = Broker(system)

    def away(*_: object, **__: object) -> None:
        raise OSError("connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(broker, "send_task", away)
        with pytest.raises(OSError, match="refused"):
            broker.look()
    broker.look()
    assert newest(system).state == "done"
    assert_is_clean(system)
