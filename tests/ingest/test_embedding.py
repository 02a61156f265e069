"""A text on which the embedder fails costs its own document, and an embedder that fails on all costs none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from assistant.errors import EmbedderError, IndexUnavailableError
from assistant.interfaces import Vectors
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.faults import Broker
from tests.fakes.system import System

POISON = "no tokenizer takes this"


class PickyEmbedder(FakeEmbedder):
    """Fails on texts with the poison in them, or on all."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.is_broken = False

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self.is_broken or any(POISON in text for text in texts):
            raise self.error
        return super().embed_passages(texts)


@pytest.fixture(params=[ValueError("what is this"), EmbedderError("no such text")], ids=["own", "known"])
def system(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}\nand more of {n}" for n in range(12)}
    system.embedder = PickyEmbedder(request.param)
    system.ingestor = system.new_ingestor()
    yield system
    system.close()


def by_stages(system: System) -> None:
    Broker(system).sync()


def in_one_process(system: System) -> None:
    system.ingestor.sync("s", "cli")


both_ways = pytest.mark.parametrize("ingest", [by_stages, in_one_process])


@both_ways
def test_one_text_costs_its_own_document(system: System, ingest: Callable[[System], None]) -> None:
    system.source.texts["05"] += POISON
    ingest(system)
    assert set(system.catalog.documents.known("s")) == system.source.texts.keys() - {"05"}
    (run,) = system.catalog.runs.newest()
    assert (run.state, run.added, run.failed) == ("done", 11, 1)
    (failure,) = system.catalog.runs.failures(run.id)
    assert (failure.code, failure.retryable) == ("EmbedderError", True)
    assert "the embedder fake" in failure.error
    assert list(system.blobs.keys("prepared")) == []


@both_ways
def test_what_was_current_of_it_stays(system: System, ingest: Callable[[System], None]) -> None:
    ingest(system)
    before = system.catalog.documents.known("s")["05"].version
    system.source.texts["05"] = POISON
    ingest(system)
    assert system.catalog.documents.known("s")["05"].version == before


def test_an_embedder_that_is_broken_costs_no_document_and_is_shown_with_the_run(system: System) -> None:
    assert isinstance(system.embedder, PickyEmbedder)
    system.embedder.is_broken = True
    broker = Broker(system)
    with suppress(ValueError):  # a Celery worker logs what it does not know, and goes on
        broker.sync()
    (run,) = system.catalog.runs.newest()
    assert (run.state, run.failed, run.pending) == ("running", 0, 12)
    assert run.error is not None
    assert run.error.startswith("embed waits: ")
    system.embedder.is_broken = False
    broker.look()
    (run,) = system.catalog.runs.newest()
    assert (run.state, run.added, run.error) == ("done", 12, None)


def test_an_index_that_does_not_answer_is_no_documents_fault(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise IndexUnavailableError("the index does not answer")

    system.ingestor.sync("s", "cli")
    system.source.texts["05"] = "another"
    monkeypatch.setattr("assistant.ingest.reuse.pages", fail)
    with pytest.raises(IndexUnavailableError):
        system.ingestor.sync("s", "cli")
    assert system.catalog.jobs.failed("s") == []
