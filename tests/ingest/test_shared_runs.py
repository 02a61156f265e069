"""Several workers on one run, a removal beside them, and a stop in the middle of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from assistant.errors import IngestError, ParserCrashedError, SourceBusyError
from assistant.ingest import Limits, Progress
from assistant.ingest.owners import new_worker
from assistant.registry import PluginRegistry
from assistant.types import LOCAL_OPERATOR, Document, DocumentRef, RawDocument
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(12)}
    yield system
    system.close()


def test_a_report_waits_for_the_jobs_that_others_hold(system: System) -> None:
    others = system.new_ingestor()
    threads: list[threading.Thread] = []

    def take_some(_: Progress) -> None:
        if not threads:
            run_id = system.catalog.runs.newest()[0].id
            worker = new_worker()
            system.catalog.jobs.claim(run_id, worker, 4, 60)

            def finish_later() -> None:
                time.sleep(0.3)
                system.catalog.jobs.release(worker)
                others.work(run_id)

            threads.append(threading.Thread(target=finish_later))
            threads[0].start()

    report = system.ingestor.sync("s", "cli", take_some)
    threads[0].join()
    assert (report.seen, report.added, report.chunks) == (12, 12, 12)


def test_a_run_that_another_process_gave_up_is_no_success(system: System) -> None:
    def give_up(_: Progress) -> None:
        system.catalog.runs.finish(system.catalog.runs.newest()[0].id, "failed", "its engine broke")

    with pytest.raises(IngestError, match="its engine broke"):
        system.ingestor.sync("s", "cli", give_up)


def test_leases_are_renewed_while_their_worker_works(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = system.source.fetch
    begun, may_end = threading.Event(), threading.Event()

    def fetch_slowly(key: str) -> RawDocument:
        begun.set()
        assert may_end.wait(60)
        return fetch(key)

    def end_of_leases() -> float:
        (run,) = system.catalog.runs.open("s")
        return max(run.leases.values())

    monkeypatch.setattr(system.source, "fetch", fetch_slowly)
    system.ingestor = system.new_ingestor(limits=Limits(batch_documents=12, parse_ahead=1, lease_seconds=0.9))
    run_id = system.ingestor.begin("s", "api")
    worker = threading.Thread(target=system.ingestor.work, args=(run_id,))
    worker.start()
    assert begun.wait(60)
    first = end_of_leases()
    until = time.monotonic() + 60
    while end_of_leases() < first + 0.9:  # renewed after it would have ended
        assert time.monotonic() < until, "it was not renewed"
        time.sleep(0.05)
    may_end.set()
    worker.join()
    assert system.catalog.runs.get(run_id).added == 12


def test_a_source_whose_plugin_is_gone_can_be_removed(system: System) -> None:
    system.ingestor.sync("s", "cli")
    system.registry = PluginRegistry()
    assert system.new_ingestor().remove("s") == 12
    assert system.index.counts().chunks == 0


def test_a_removal_that_a_stop_cuts_short_is_not_forgotten(system: System) -> None:
    system.ingestor.sync("s", "cli")
    system.ingestor.stop()
    with pytest.raises(SourceBusyError, match="not removed yet"):
        system.ingestor.remove("s")
    assert system.catalog.sources.find("s") is not None
    assert system.new_ingestor().remove("s") == 12
    assert system.index.counts().chunks == 0


def test_a_busy_source_is_neither_removed_nor_paused(system: System) -> None:
    run_id = system.ingestor.begin("s", "api")
    system.catalog.jobs.claim(run_id, new_worker(), 1, 60)
    with pytest.raises(SourceBusyError):
        system.ingestor.remove("s")
    assert system.catalog.sources.get("s").state == "active"


def test_what_a_stop_cuts_short_is_no_fault_of_the_document(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.ingestor.sync("s", "cli")
    system.source.texts["00"] = "changed"
    run_id = system.ingestor.begin("s", "api")

    def stopped(*_: object) -> NoReturn:
        system.ingestor.stop()
        raise ParserCrashedError("its process was ended")

    with monkeypatch.context() as patch:
        patch.setattr(system.parsers, "parse", stopped)
        system.ingestor.work(run_id)
    assert len(system.library.documents(LOCAL_OPERATOR)) == 12
    assert system.catalog.runs.get(run_id).state == "running"
    system.new_ingestor().work(run_id)
    assert system.catalog.runs.get(run_id).updated == 1


def test_a_title_that_no_database_takes_does_not_stop_the_run(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = system.parsers.parse

    def with_title(parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> Document:
        document = parse(parser, ref, data, passwords)
        return replace(document, ref=replace(document.ref, title="half \ud800 and \0" if ref.key == "00" else "\0"))

    monkeypatch.setattr(system.parsers, "parse", with_title)
    assert system.ingestor.sync("s", "cli").added == 12
    assert system.library.info("s", "00", LOCAL_OPERATOR).ref.title == "half ? and "
    assert system.library.info("s", "01", LOCAL_OPERATOR).ref.title == "01"
