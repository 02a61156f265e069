"""Workers that come too late, and members whose document lost them: neither leaves a document or a blob behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.catalog import Jobs
from assistant.errors import CatalogUnavailableError
from assistant.ingest.meter import Meter
from assistant.ingest.prepare import Gone
from assistant.types import LOCAL_OPERATOR
from tests.fakes.bundles import BundleParser
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.registry.add_parser(BundleParser())
    yield system
    system.close()


def documents(system: System) -> dict[str, str]:
    found = system.library.documents(LOCAL_OPERATOR)
    return {info.ref.key: system.library.read("s", info.ref.key, LOCAL_OPERATOR).text for info in found}


def stored(system: System) -> set[str]:
    """Return the ids of the documents that anything is stored of."""
    return {key.split("/")[1] for key in system.blobs.keys("")}


def ids(system: System) -> set[str]:
    return {info.ref.id for info in system.library.documents(LOCAL_OPERATOR)}


def turns(system: System) -> None:
    stages = system.ingestor.stages
    while stages.parse() + stages.embed() + stages.delete():
        pass


def member_is_parsed(system: System) -> None:
    """Sync a bundle as far as that its member waits for the embedder; then end the run."""
    system.source.texts = {"y.bundle": json.dumps({"one": "the first member"})}
    run = system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    system.ingestor.stages.embed()
    system.ingestor.stages.parse()
    assert [job.stage for job in system.catalog.jobs.of_source("s").values()] == ["embed"]
    system.catalog.runs.cancel(run)
    assert system.catalog.runs.finish_if_complete(run)


@pytest.mark.parametrize("others", [0, 3])
def test_a_member_that_waits_and_is_lost_by_its_document_leaves_nothing(system: System, others: int) -> None:
    member_is_parsed(system)
    system.source.texts = {f"a{n}": f"text {n}" for n in range(others)}
    system.source.texts["y.bundle"] = json.dumps({"two": "the second member"})
    system.ingestor.begin("s", "api")
    turns(system)
    assert documents(system).keys() == {*system.source.texts, "y.bundle!/two"}
    assert stored(system) == ids(system)
    assert system.catalog.jobs.of_source("s") == {}


def test_a_member_that_waits_when_its_document_goes_leaves_nothing(system: System) -> None:
    member_is_parsed(system)
    system.source.texts = {}
    system.ingestor.begin("s", "api")
    turns(system)
    assert documents(system) == {}
    assert stored(system) == set()


def late(system: System, monkeypatch: pytest.MonkeyPatch, at: str, meanwhile: Callable[[], None]) -> None:
    """Let a worker that embeds lose its leases at a write to the index, and go on after what others do meanwhile."""
    write = getattr(system.index, at)

    def slow(*args: object) -> None:
        monkeypatch.setattr(system.index, at, write)
        for owner in system.catalog.jobs.lease_owners():
            system.catalog.jobs.release(owner)
        meanwhile()
        write(*args)

    monkeypatch.setattr(system.index, at, slow)
    system.ingestor.stages.embed()


def test_a_worker_that_comes_too_late_does_not_bring_an_old_version_back(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.source.texts = {"a": "the first text"}
    system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()

    def newer() -> None:
        system.source.texts["a"] = "the second text"
        system.new_ingestor().sync("s", "cli")

    late(system, monkeypatch, "write", newer)
    assert documents(system) == {"a": "the second text"}
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {document: {version} for document, version in current.items()}
    assert stored(system) == ids(system)


def test_a_worker_that_comes_too_late_does_not_bring_a_document_back(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.source.texts = {"a": "the first text"}
    system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()

    def gone() -> None:
        system.source.texts = {}
        system.new_ingestor().sync("s", "cli")

    late(system, monkeypatch, "write", gone)
    assert documents(system) == {}
    assert system.index.versions() == {}
    assert stored(system) == set()


def retry(system: System) -> object:
    return system.ingestor.runs.retry("s")


def remove(system: System) -> object:
    return system.ingestor.remove("s")


def sync(system: System) -> object:
    return system.ingestor.sync("s", "cli")


@pytest.mark.parametrize(("method", "does", "then"), [("requeue", retry, sync), ("record", remove, remove)])
def test_a_catalog_that_is_locked_while_a_run_is_opened_does_not_keep_the_source_busy(
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    does: Callable[[System], object],
    then: Callable[[System], object],
) -> None:
    def locked(*_: object) -> None:
        raise CatalogUnavailableError("the catalog is locked")

    system.source.texts = {"a": "the first text"}
    system.ingestor.sync("s", "cli")
    with monkeypatch.context() as patch:
        patch.setattr(Jobs, method, locked)
        with pytest.raises(CatalogUnavailableError):
            does(system)
    then(system)


def test_a_late_deletion_leaves_what_came_back(system: System) -> None:
    system.source.texts = {"a": "the first text"}
    system.ingestor.sync("s", "api")
    system.source.texts = {}
    run = system.ingestor.begin("s", "api")
    (late,) = system.catalog.jobs.claim(run, "late", 1, -1.0)  # it stalls, and its lease ends
    turns(system)
    assert documents(system) == {}
    system.source.texts = {"a": "the first text"}
    system.ingestor.sync("s", "api")
    system.ingestor._pipeline.committer(None, Meter()).commit([Gone(late)])
    assert documents(system) == {"a": "the first text"}
    assert system.index.counts().documents == 1
