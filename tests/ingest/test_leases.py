"""A large document is slow, not stuck: its worker keeps it as long as it finishes a part of it now and then."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.ingest import Limits, Pictures
from assistant.ingest.leases import Leases
from assistant.interfaces import Vectors
from assistant.types import Access
from tests.fakes.album import AlbumParser
from tests.fakes.bundles import BundleParser, put, sync
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.picture_embedder import COLORS, FakePictureEmbedder
from tests.fakes.system import System

PARTS = 4
PART_SECONDS = 10.0  # by the clock of the leases
STALLED_SECONDS = 25.0  # more than a part, less than all of them
LEASE_SECONDS = 0.3  # by the wall
RENEWING = "renew-leases"  # the thread
LIMITS = Limits(batch_chunks=1, lease_seconds=LEASE_SECONDS, stalled_seconds=STALLED_SECONDS)
LINES = "\n".join(f"line {n}" for n in range(PARTS))
ALBUM = LINES + "".join(f"\npicture {color}" for color in COLORS[:PARTS])
BUNDLE = {f"{n}.txt": f"member {n}" for n in range(PARTS)}


class Slowness:
    """Is the time of the leases. When they are not renewed after a part of the work, another worker takes what is free.

    Only then does it look: however busy the machine is, a lease that runs out for want of time makes no test fail.
    """

    def __init__(self, system: System) -> None:
        self.parts = 0
        self.taken_by_another: list[str] = []
        self._system = system
        self._now = 0.0
        self._looked = threading.Event()

    def monotonic(self) -> float:
        if threading.current_thread().name == RENEWING:
            self._looked.set()
        return self._now

    def part(self) -> None:
        self.parts += 1
        self._now += PART_SECONDS
        self._looked.clear()
        while not self._looked.wait(LEASE_SECONDS):
            if RENEWING not in {thread.name for thread in threading.enumerate()}:  # the lease is over by now
                for stage in ("parse", "embed", "delete"):
                    jobs = self._system.catalog.stages.claim(stage, "another", 16, 60.0)
                    self.taken_by_another += [job.key for job in jobs]
                return

    def of(self, do: Callable[..., Any], word: str = "") -> Callable[..., Any]:
        """Return `do` as a part; where a word is given, only if the first argument begins with it."""

        def slowed(*args: Any, **kwargs: Any) -> Any:
            if str(args[0]).startswith(word):
                self.part()
            return do(*args, **kwargs)

        return slowed


class SlowEmbedder(FakeEmbedder):
    """Takes a part's time for every text, and notes them."""

    def __init__(self, slowness: Slowness) -> None:
        super().__init__()
        self.embedded: list[str] = []
        self._slowness = slowness

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        for _ in texts:
            self._slowness.part()
        self.embedded += texts
        return super().embed_passages(texts)


class Captioner:
    """Says the same of every picture."""

    name = "seer"

    def caption(self, picture: bytes, context: str) -> str:
        return "A wall."


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = System(tmp_path)
    made.registry.add_parser(AlbumParser())
    made.registry.add_parser(BundleParser())
    made.ingestor = made.new_ingestor(limits=LIMITS)
    yield made
    made.close()


@pytest.fixture
def slowness(system: System, monkeypatch: pytest.MonkeyPatch) -> Slowness:
    made = Slowness(system)
    monkeypatch.setattr("assistant.ingest.leases.time", made)
    return made


def by_stages(system: System) -> None:
    system.ingestor.begin("s", "api")
    while system.ingestor.stages.parse() + system.ingestor.stages.embed() + system.ingestor.stages.delete():
        pass


def in_one_process(system: System) -> None:
    system.ingestor.work(system.ingestor.begin("s", "cli"))


both_ways = pytest.mark.parametrize("ingest", [by_stages, in_one_process])


def assert_done_by_one_worker(system: System, slowness: Slowness) -> None:
    assert slowness.parts * PART_SECONDS > STALLED_SECONDS, "too quick to show anything"
    assert slowness.taken_by_another == []
    (run, *_) = system.catalog.runs.newest()
    assert (run.state, run.failed, run.pending) == ("done", 0, 0)


@both_ways
def test_a_document_of_many_texts_is_embedded_once(
    system: System, slowness: Slowness, ingest: Callable[[System], None]
) -> None:
    system.source.texts["a"] = LINES
    system.embedder = embedder = SlowEmbedder(slowness)
    system.ingestor = system.new_ingestor(limits=LIMITS)
    ingest(system)
    assert_done_by_one_worker(system, slowness)
    assert embedder.embedded == [f"a\nline {n}" for n in range(PARTS)]


@both_ways
@pytest.mark.parametrize("does", ["caption", "embed_pictures"])
def test_a_document_of_many_pictures(
    system: System, slowness: Slowness, ingest: Callable[[System], None], does: str
) -> None:
    captioner, embedder = Captioner(), FakePictureEmbedder()
    model: Any = captioner if does == "caption" else embedder
    setattr(model, does, slowness.of(getattr(model, does)))
    system.source.texts["a.album"] = ALBUM
    system.with_pictures(embedder)
    system.ingestor = system.new_ingestor(pictures=Pictures(captioner, embedder), limits=LIMITS)
    ingest(system)
    assert_done_by_one_worker(system, slowness)


@both_ways
@pytest.mark.parametrize("does", ["write", "write_pictures", "read_points"])
def test_many_points_in_the_index(
    system: System,
    slowness: Slowness,
    ingest: Callable[[System], None],
    does: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("assistant.adapters.points.BATCH", 1)
    system.source.texts["a.album"] = ALBUM
    system.with_pictures(FakePictureEmbedder())
    pictures = Pictures(None, FakePictureEmbedder())
    system.ingestor = system.new_ingestor(pictures=pictures, limits=LIMITS)
    if does == "read_points":  # of the version before
        ingest(system)
        system.source.texts["a.album"] += "\nand another"
    monkeypatch.setattr(system.index, does, slowness.of(getattr(system.index, does)))
    ingest(system)
    assert_done_by_one_worker(system, slowness)


@both_ways
def test_many_members_are_stored(
    system: System, slowness: Slowness, ingest: Callable[[System], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(system, "a.bundle", BUNDLE)
    monkeypatch.setattr(system.blobs, "put", slowness.of(system.blobs.put, "member"))
    ingest(system)
    assert_done_by_one_worker(system, slowness)


@both_ways
@pytest.mark.parametrize("does", ["delete", "set_access"])
def test_many_members_go_or_get_other_readers(
    system: System,
    slowness: Slowness,
    ingest: Callable[[System], None],
    does: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(system, "a.bundle", BUNDLE)
    sync(system, f"added {PARTS + 1}")
    if does == "delete":
        system.source.texts = {}
    else:
        system.source.access["a.bundle"] = Access(frozenset({"group:hr"}))
    monkeypatch.setattr(system.index, does, slowness.of(getattr(system.index, does)))
    ingest(system)
    assert_done_by_one_worker(system, slowness)


def test_many_documents_are_handed_over(system: System, slowness: Slowness, monkeypatch: pytest.MonkeyPatch) -> None:
    system.source.texts = {f"{n}": f"text {n}" for n in range(PARTS)}
    monkeypatch.setattr(system.blobs, "put", slowness.of(system.blobs.put, "prepared"))
    by_stages(system)
    assert_done_by_one_worker(system, slowness)


def test_what_hangs_is_left_to_another_worker(system: System, slowness: Slowness) -> None:
    system.source.texts["a"] = "text"
    system.ingestor.begin("s", "api")
    with Leases(system.catalog, "hangs", LEASE_SECONDS, STALLED_SECONDS) as leases:
        system.catalog.stages.claim("parse", "hangs", 16, LEASE_SECONDS)
        slowness.part()
        leases.advanced()
        slowness.part()
        slowness.part()
        assert slowness.taken_by_another == []
        for _ in range(3):
            slowness.part()
    assert slowness.taken_by_another == ["a"]
