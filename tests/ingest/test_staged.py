"""Ingestion by stages: turns, what waits between them, and that the end is the same as in one go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from assistant.access.stored_text import prepared_key
from assistant.errors import DamagedDocumentError, IndexUnavailableError, SourceUnreachableError
from assistant.ingest import Limits, staged
from assistant.ingest.packing import pack, unpack
from assistant.ingest.pictures import PictureVectors
from assistant.ingest.prepare import Prepared
from assistant.interfaces import Vectors
from assistant.types import LOCAL_OPERATOR, Chunk, RawDocument
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}\nand more of {n}" for n in range(12)}
    yield system
    system.close()


def all_turns(system: System) -> int:
    stages = system.ingestor.stages
    done = 0
    while more := stages.delete() + stages.parse() + stages.embed():
        done += more
    return done


def contents(system: System) -> dict[str, str]:
    """Return the texts by key, of the documents whose current version the index has."""
    stored = system.index.versions()
    return {
        info.ref.key: system.library.read(info.ref.source, info.ref.key, LOCAL_OPERATOR).text
        for info in system.library.documents(LOCAL_OPERATOR)
        if stored[info.ref.id] == {info.ref.version}
    }


def test_documents_pass_from_stage_to_stage(system: System) -> None:
    run_id = system.ingestor.begin("s", "api")
    stages = system.ingestor.stages
    assert stages.embed() == 0
    assert stages.parse() == 12
    assert len(list(system.blobs.keys("prepared"))) == 12
    assert system.index.counts().documents == 0
    assert system.catalog.runs.get(run_id).state == "running"
    assert stages.embed() == 12
    run = system.catalog.runs.get(run_id)
    assert (run.state, run.added, run.chunks, run.pending) == ("done", 12, 24, 0)
    assert set(run.phases) >= {"list", "fetch", "parse", "embed", "write"}
    assert list(system.blobs.keys("prepared")) == []
    assert contents(system) == system.source.texts


def test_changes_deletions_and_what_is_unchanged(system: System) -> None:
    system.ingestor.sync("s", "cli")
    del system.source.texts["00"]
    system.source.texts |= {"01": "other", "12": "new"}
    run_id = system.ingestor.begin("s", "api", full=True)
    all_turns(system)
    run = system.catalog.runs.get(run_id)
    assert (run.state, run.added, run.updated, run.unchanged, run.deleted) == ("done", 1, 1, 10, 1)
    assert contents(system) == system.source.texts


def test_batches_of_the_embedder_go_over_documents_of_all_sources(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.catalog.sources.add("t", "memory", {}, {})
    system.ingestor = system.new_ingestor(limits=Limits(batch_chunks=1000, turn_seconds=60.0))
    runs = [system.ingestor.begin(source, "api") for source in ("s", "t")]
    system.ingestor.stages.parse()
    batches: list[int] = []
    embed = system.embedder.embed_passages

    def counted(texts: Sequence[str]) -> Vectors:
        batches.append(len(texts))
        return embed(texts)

    monkeypatch.setattr(system.embedder, "embed_passages", counted)
    assert system.ingestor.stages.embed() == 24
    assert batches == [16, 32]  # the first is small and shows how quick it is
    assert [system.catalog.runs.get(run).state for run in runs] == ["done", "done"]


def test_parsing_pauses_while_much_waits_for_the_embedder(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staged, "_SOON", 1000.0)
    system.ingestor = system.new_ingestor(limits=Limits(most_prepared=5, turn_seconds=1000.0))
    system.source.texts = {f"{n:03}": f"text {n}" for n in range(50)}
    system.ingestor.begin("s", "api")
    stages = system.ingestor.stages
    assert stages.parse() == 12  # 4 that were taken together, then 8
    assert stages.wanted(8)["parse"].workers == 0
    assert stages.parse() == 0
    assert stages.embed() == 12
    assert stages.wanted(8)["parse"].workers == 8
    all_turns(system)
    assert system.index.counts().documents == 50


def test_a_turn_ends_after_its_time_and_gives_the_rest_back(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = system.source.fetch

    def fetch_slowly(key: str) -> RawDocument:
        time.sleep(1.5)
        return fetch(key)

    monkeypatch.setattr(system.source, "fetch", fetch_slowly)
    system.ingestor = system.new_ingestor(limits=Limits(turn_seconds=2.0, parse_ahead=1))
    system.ingestor.begin("s", "api")
    done = system.ingestor.stages.parse()
    assert 1 <= done < 12
    assert system.catalog.stages.waiting()["parse"].jobs == 12 - done
    assert system.catalog.stages.waiting()["parse"].workers == 0


def test_the_last_documents_are_shared_by_all_who_parse(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = system.source.fetch
    may_end = threading.Event()

    def fetch_slowly(key: str) -> RawDocument:
        assert may_end.wait(120)
        return fetch(key)

    def wait_for_workers(number: int) -> None:
        until = time.monotonic() + 60
        while system.catalog.stages.waiting()["parse"].workers < number:
            assert time.monotonic() < until
            time.sleep(0.01)

    monkeypatch.setattr(system.source, "fetch", fetch_slowly)
    system.ingestor.begin("s", "api")
    stages = system.ingestor.stages
    with ThreadPoolExecutor(2) as pool:
        try:
            first = pool.submit(stages.parse)
            wait_for_workers(1)
            assert stages.wanted(2)["parse"].workers == 1
            second = pool.submit(stages.parse)
            wait_for_workers(2)
        finally:
            may_end.set()
        assert first.result() >= 4
        assert second.result() >= 4


def test_an_upload_overtakes_a_large_sync(system: System) -> None:
    system.ingestor = system.new_ingestor(limits=Limits(turn_seconds=0))
    system.source.texts = {f"{n:03}": f"text {n}" for n in range(50)}
    system.ingestor.begin("s", "api")
    system.catalog.sources.add("mine", "memory", {}, {})
    run_id = system.ingestor.begin("mine", "upload")
    assert system.catalog.runs.get(run_id).pending == 50
    system.ingestor = system.new_ingestor()
    system.ingestor.stages.parse(least_priority=1)
    assert {job.source for job in system.catalog.stages.claim("embed", "me", 999, 60)} == {"mine"}


def test_one_source_that_cannot_be_made_does_not_hold_up_another(system: System) -> None:
    system.catalog.sources.add("bad", "memory", {}, {})
    bad = system.ingestor.begin("bad", "api")
    good = system.ingestor.begin("s", "api")
    with system.catalog.database.write() as session:
        from sqlalchemy import text

        session.execute(text("UPDATE sources SET kind = 'gone' WHERE name = 'bad'"))
    all_turns(system)
    assert (system.catalog.runs.get(bad).state, system.catalog.runs.get(good).state) == ("failed", "done")
    assert "gone" in str(system.catalog.runs.get(bad).error)


def test_what_fails_is_recorded_and_the_rest_is_indexed(system: System) -> None:
    system.source.errors["03"] = SourceUnreachableError("the share is away", "wait")
    run_id = system.ingestor.begin("s", "api")
    all_turns(system)
    run = system.catalog.runs.get(run_id)
    assert (run.state, run.added, run.failed) == ("done", 11, 1)
    assert system.catalog.jobs.failed()[0].stage == "parse"


def test_an_index_that_does_not_answer_loses_nothing(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()

    def fail() -> None:
        raise IndexUnavailableError("the owner is away", "start it")

    with monkeypatch.context() as patch:
        patch.setattr(system.index, "flush", fail)
        with pytest.raises(IndexUnavailableError):
            system.ingestor.stages.embed()
    assert system.catalog.stages.waiting()["embed"].jobs == 12
    assert system.ingestor.stages.embed() == 12
    assert system.catalog.runs.get(run_id).state == "done"


@pytest.mark.parametrize("damaged", [False, True])
def test_what_was_prepared_and_lost_is_parsed_again(system: System, damaged: bool) -> None:
    run_id = system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    for key in list(system.blobs.keys("prepared"))[:3]:
        if damaged:
            system.blobs.put(key, b"rubbish")
        else:
            system.blobs.delete(key)
    assert system.ingestor.stages.embed() == 9
    assert system.catalog.runs.get(run_id).state == "running"
    all_turns(system)
    assert system.catalog.runs.get(run_id).added == 12


def test_a_sync_from_the_command_line_takes_up_what_was_prepared(system: System) -> None:
    system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    system.ingestor.complete(system.catalog.runs.newest()[0].id)
    assert system.catalog.runs.newest()[0].added == 12
    assert list(system.blobs.keys("prepared")) == []


def test_a_removed_source_leaves_nothing_that_was_prepared(system: System) -> None:
    run_id = system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    system.catalog.runs.finish(run_id, "interrupted")
    system.ingestor.remove("s")
    assert list(system.blobs.keys()) == []


def test_a_stop_ends_the_turns(system: System) -> None:
    system.ingestor.begin("s", "api")
    system.ingestor.stop()
    assert system.ingestor.stages.parse() == 0


def test_what_is_prepared_crosses_processes(system: System) -> None:
    system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    job = system.catalog.stages.claim("embed", "me", 1, 60)[0]
    step = unpack(system.blobs.get(job.prepared), job)
    assert job.prepared == prepared_key(step.version.info.ref)
    picture = Chunk(step.version.info.ref.id, 2, 0, 6, "text 0", pictures=(1,), notices=((2, 4),))
    step = replace(step, pictures=PictureVectors((picture,), np.ones((1, 8), np.float32)))
    again = unpack(pack(step), job)
    assert isinstance(again, Prepared)
    assert replace(again, pictures=PictureVectors()) == replace(step, pictures=PictureVectors())
    assert again.pictures.chunks == step.pictures.chunks
    assert np.array_equal(again.pictures.vectors, step.pictures.vectors)  # type: ignore[arg-type]
    for rubbish in (b"", b"rubbish", pack(step)[:-3]):
        with pytest.raises(DamagedDocumentError):
            unpack(rubbish, job)
