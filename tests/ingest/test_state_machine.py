"""Ingestion as a state machine: whatever happens in whatever order, in the end the index is that of a clean ingest."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text as sql

from assistant.access import Library
from assistant.access.stored_text import load_text
from assistant.catalog import Catalog, Keyring, jobs, stages
from assistant.ingest import ingestor, pipeline, staged, starting
from assistant.retrieval import Retriever
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Access, User, document_id
from tests.fakes.machine import (
    BODIES,
    BUNDLE,
    BUNDLES,
    PLAIN,
    Entry,
    Process,
    ShakySource,
    World,
    in_order,
    new_worker,
    take_from_nobody,
    text_of,
    this_process,
)
from tests.fakes.system import LineChunker

ACCESS = (None, Access(frozenset({"staff"})), Access(frozenset({"board"})))
RULES: tuple[dict[str, Any], ...] = (
    {"default": ["staff"]},
    {"default": ["staff"], "rules": [{"glob": "dir/**", "readers": ["board"]}]},
)
USERS = (LOCAL_OPERATOR, User(id="s", groups=frozenset({"staff"})), User(id="b", groups=frozenset({"board"})))
LISTS = ("list", "list", "list in full", "sync here", "reconcile")
ENDS = ("pause", "pause", "kill", "kill unnoticed", "index", "catalog", "blobs")  # what becomes of a process
keys = st.sampled_from(PLAIN + BUNDLES)
numbers = st.integers(0, 11)
writes = st.integers(0, 20)
Edit = tuple[str, str, str, int, Access | None]  # what, of which key, to which key, to which text and readers
edits = st.sampled_from(["write", "write", "write", "delete", "move", "readers", "break or mend"])
changes = st.lists(st.tuples(edits, keys, keys, numbers, st.sampled_from(ACCESS)), min_size=1, max_size=4)


@cache
def empty_home() -> Path:
    """Return a folder with a catalog of an empty source, to be copied: the migrations take their time."""
    folder = Path(tempfile.mkdtemp(prefix="machine-"))
    catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
    catalog.sources.add("s", "memory", {}, RULES[0])
    catalog.close()
    return folder


class Home:
    """A world in a folder of its own."""

    def __init__(self, source: ShakySource) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="machine-")
        folder = Path(self._folder.name)
        shutil.copytree(empty_home(), folder, dirs_exist_ok=True)
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
        self.world = World(self.catalog, load_settings(home=folder), source)
        self.retriever = Retriever(self.world.index, self.world.embedder, Library(self.catalog, self.world.blobs))

    def does(self, what: str) -> Process:
        """Let a process do something to its end."""
        process = Process(self.world, BODIES[what])
        process.go_on()
        return process

    def contents(self) -> dict[str, Any]:
        """Return all that a document, a failure or a blob has left, in a form to be compared."""
        infos = self.catalog.documents.page(LOCAL_OPERATOR)
        known = self.catalog.documents.known("s")
        points = self.world.index.read_points(list(self.world.index.versions()), limit=1_000_000)
        return {
            "documents": {info.ref.key: (info.ref, info.chunks, known[info.ref.key].parent) for info in infos},
            "points": {point.id: (dict(point.payload), point.vectors, point.terms) for point in points},
            "blobs": self.world.blobs.stored,
            "jobs": {key: (job.state, job.failure) for key, job in self.catalog.jobs.of_source("s").items()},
        }

    def close(self) -> None:
        self.catalog.close()
        self._folder.cleanup()


class Ingestion(RuleBasedStateMachine):
    """A source, its documents, and processes that are stopped, killed and failed at any of their writes."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.source = ShakySource()
        self.home = Home(self.source)
        self.catalog, self.world = self.home.catalog, self.home.world
        self.paused: list[Process] = []
        self.patch.setattr(pipeline, "ahead", in_order)
        self.patch.setattr(starting, "this_process", this_process)
        for module in (ingestor, staged):
            self.patch.setattr(module, "new_worker", new_worker)
        for module in (jobs, stages):
            self.patch.setattr(module, "take", take_from_nobody)
        self._allow(self.home)

    def _allow(self, home: Home) -> None:
        self.patch.setattr(starting, "may_be_alive", home.world.may_be_alive)

    @initialize(
        is_log=st.booleans(), in_small_groups=st.booleans(), at_first=st.dictionaries(keys, numbers, max_size=5)
    )
    def begin(self, is_log: bool, in_small_groups: bool, at_first: dict[str, int]) -> None:
        self.source.is_log = is_log
        self.patch.setattr(staged, "_HANDED_OVER_EVERY", -1.0 if in_small_groups else 1000.0)
        for key, number in at_first.items():
            self.source.put(key, Entry(text_of(key, number)))

    # The source

    @rule(changes=changes)
    def change(self, changes: list[Edit]) -> None:
        for what, key, other, number, access in changes:
            entry = self.source.entries.get(key)
            if what == "write":
                self.source.put(key, Entry(text_of(key, number), access))
            elif entry is None:
                continue
            elif what == "delete":
                self.source.put(key, None)
            elif what == "readers":
                self.source.put(key, replace(entry, access=access))
            elif what == "break or mend":
                self.source.put(key, replace(entry, broken=not entry.broken))
            elif key.endswith(BUNDLE) == other.endswith(BUNDLE):
                self.source.put(key, None)
                self.source.put(other, entry)

    @rule(key=keys, fault=st.sampled_from(["busy", "deadly", "revoked", "away", "none"]), after=st.integers(0, 3))
    def trouble(self, key: str, fault: str, after: int) -> None:
        self.source.heal()
        match fault:
            case "busy":
                self.source.busy.add(key)
            case "deadly":
                self.source.deadly.add(key)
            case "revoked":
                self.source.refuses_after = after
            case "away":
                self.source.breaks_off_after = after

    # The processes

    @rule(changes=changes, first=st.sampled_from(LISTS), at=st.integers(0, 3), count=writes, end=st.sampled_from(ENDS))
    def sync_with_a_stop(self, changes: list[Edit], first: str, at: int, count: int, end: str) -> None:
        """Sync what was changed, but for one of the processes that do that, which is stopped somewhere."""
        self.change(changes)
        for number, what in enumerate((first, "parse", "embed", "delete")):
            self._start(what, count if number == at else None, end)

    @rule(
        turns=st.lists(
            st.tuples(st.sampled_from(sorted(BODIES)), st.none() | writes, st.sampled_from(ENDS)), max_size=4
        )
    )
    def turns(self, turns: list[tuple[str, int | None, str]]) -> None:
        for what, count, end in turns:
            self._start(what, count, end)

    @precondition(lambda self: self.paused)
    @rule(which=numbers, count=st.none() | writes, end=st.sampled_from(ENDS))
    def go_on(self, which: int, count: int | None, end: str) -> None:
        self._go_on(self.paused.pop(which % len(self.paused)), "paused", count, end)

    def _start(self, what: str, count: int | None, end: str) -> None:
        if len(self.paused) < 3 or count is None:
            self._go_on(Process(self.world, BODIES[what]), what, count, end)

    def _go_on(self, process: Process, what: str, count: int | None, end: str) -> None:
        process.go_on(count)
        if process.is_over:
            event(f"{what}: {type(process.error).__name__ if process.error else 'ended'}")
            return
        event(f"{end} at {process.at}")
        if end == "pause":
            self.paused.append(process)
        elif end.startswith("kill"):
            process.kill(noticed=end == "kill")
        else:
            process.go_on(fault=end)
            event(f"{what} with {end} away: {type(process.error).__name__ if process.error else 'ended'}")

    @rule(what=st.sampled_from(["leases", "leases", "deaths", "failures"]), which=numbers)
    def time_passes(self, what: str, which: int) -> None:
        """Let the leases of one worker end, the deaths be known, or what failed be due again."""
        owners = sorted(self.catalog.jobs.lease_owners())
        if what == "leases" and owners:
            event("a lease ended")
            owner = owners[which % len(owners)]
            self._write("UPDATE jobs SET lease_until = 1 WHERE lease_owner = :owner", owner=owner)
        elif what == "deaths":
            self.world.dead |= self.world.unnoticed
        else:
            self._write("UPDATE jobs SET not_before = 1 WHERE not_before IS NOT NULL")

    @rule(what=st.sampled_from(["cancel", "ask", "ask in full", "pause", "resume", "readers"]), number=numbers)
    def administer(self, what: str, number: int) -> None:
        if what == "cancel":
            for run in self.catalog.runs.open("s"):
                self.catalog.runs.cancel(run.id)
        elif what.startswith("ask"):
            self.catalog.sources.ask("s", full=what == "ask in full")
        elif what == "readers":
            self.catalog.sources.set_readers("s", RULES[number % len(RULES)])
        else:
            self.catalog.sources.set_state("s", "paused" if what == "pause" else "active")

    @rule(kills=st.booleans(), here=st.booleans())
    def settle(self, kills: bool, here: bool) -> None:
        """Let all trouble end: what is there then is what a clean ingest of the same source makes."""
        for process in self.paused:
            process.kill(noticed=True) if kills else process.go_on()
        self.paused.clear()
        self.source.heal()
        self.time_passes("deaths", 0)
        self.time_passes("failures", 0)
        self.catalog.sources.set_state("s", "active")
        self._reconcile()
        self._sync(self.home, here)
        assert self.catalog.runs.open() == []
        assert self.catalog.sources.get("s").asked is None
        wanted = self._clean()
        self._compare(wanted)
        self._sync(self.home, not here)
        self._nothing_was_done()
        self._compare(wanted)

    def _reconcile(self) -> None:
        for _ in range(8):
            self._do(self.home, "reconcile")
            for stage in ("parse", "embed", "delete"):
                self._do(self.home, stage)
            if not self.catalog.runs.open():
                return
        raise AssertionError(f"runs stay open: {self.catalog.runs.open()}")

    def _sync(self, home: Home, here: bool) -> None:
        self._do(home, "sync here" if here else "list")
        for stage in () if here else ("parse", "embed", "delete") * 4:  # a member's work follows its bundle's
            self._do(home, stage)
        assert home.catalog.runs.newest("s")[0].state == "done"

    def _do(self, home: Home, what: str) -> None:
        process = home.does(what)
        assert process.error is None, f"{what}: {process.error!r}"

    def _clean(self) -> dict[str, Any]:
        """Return what a home that never saw any trouble makes of the source."""
        clean = Home(self.source)
        try:
            clean.catalog.sources.set_readers("s", self.catalog.sources.get("s").readers)
            self._allow(clean)
            self._sync(clean, here=True)
            return clean.contents()
        finally:
            self._allow(self.home)
            clean.close()

    def _compare(self, wanted: dict[str, Any]) -> None:
        found = self.home.contents()
        for kind, expected in wanted.items():
            differ = {key for key in expected.keys() | found[kind] if expected.get(key) != found[kind].get(key)}
            assert not differ, f"{kind}: {[(key, found[kind].get(key), expected.get(key)) for key in sorted(differ)]}"

    def _nothing_was_done(self) -> None:
        run = self.catalog.runs.newest("s")[0]
        assert (run.added, run.moved, run.updated, run.deleted, run.chunks) == (0, 0, 0, 0, 0), run

    def _write(self, statement: str, **values: Any) -> None:
        with self.catalog.database.write() as session:
            session.execute(sql(statement), values)

    # What holds at every moment

    @invariant()
    def every_current_version_is_whole(self) -> None:
        """Its text is there, and every chunk of it once; but where work on it is under way, which may remove it."""
        busy = self._busy()
        points = self.world.index.read_points(list(self.world.index.versions()), limit=1_000_000)
        for info in self.catalog.documents.page(LOCAL_OPERATOR):
            ref = info.ref
            if busy & self._with_parents(ref.key):
                continue
            mine = [
                p.payload for p in points if (p.payload["document_id"], p.payload["version"]) == (ref.id, ref.version)
            ]
            cut = LineChunker().chunk(load_text(self.world.blobs, ref))
            assert sorted((p["ordinal"], p["text"]) for p in mine) == [(c.ordinal, c.text) for c in cut], ref.key

    def _busy(self) -> set[str]:
        jobs = self.catalog.jobs.of_source("s").values()
        return {job.key for job in jobs} | {job.origin for job in jobs if job.origin is not None}

    def _with_parents(self, key: str) -> set[str]:
        known = self.catalog.documents.known("s")
        ids = {document_id("s", other): other for other in known}
        found = {key}
        while (parent := known[key].parent) is not None and parent in ids:
            key = ids[parent]
            found.add(key)
        return found

    @invariant()
    def search_finds_what_is_current_and_to_be_read_and_nothing_twice(self) -> None:
        for user in USERS:
            readable = {info.ref.id: info.ref.version for info in self.catalog.documents.page(user)}
            hits = self.home.retriever.search("alpha beta gamma delta", user, 100)
            assert all(readable.get(hit.ref.id) == hit.ref.version for hit in hits)
            assert len({(hit.ref.id, hit.start) for hit in hits}) == len(hits)

    @invariant()
    def jobs_and_runs_agree(self) -> None:
        jobs = self.catalog.jobs.of_source("s").values()
        for job in jobs:
            assert job.state in {"queued", "running", "failed"}
            assert (job.state == "failed") == (job.failure is not None)
            assert job.stage != "embed" or job.prepared
        with self.catalog.database.read() as session:
            rows = session.execute(sql("SELECT state, lease_owner FROM jobs")).all()
        assert all(owner is not None for state, owner in rows if state == "running")
        for run in self.catalog.runs.newest("s"):
            assert run.state == "running" or run.finished_at is not None
            failures = self.catalog.runs.failures(run.id)
            assert run.state != "done" or (run.pending, run.failed) == (0, len(failures)), run
        assert len(self.catalog.runs.open("s")) <= 1

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:  # else the steps have found something
                self.settle(kills=True, here=False)
        finally:
            for process in self.paused:
                process.kill(noticed=True)
            self.patch.undo()
            self.home.close()


def run(examples: int, steps: int, **others: Any) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ingestion,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            **others,
        ),
    )


def test_a_few_histories_end_like_a_clean_ingest() -> None:
    run(6, 20)


@pytest.mark.soak
def test_many_histories_end_like_a_clean_ingest() -> None:
    run(300, 40)
