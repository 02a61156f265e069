"""Processes that a test stops at any write and lets go on, kills or fails there, over one catalog, index and store."""

from __future__ import annotations

import copy
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy.orm import Session

from assistant.catalog import Catalog, Documents, Indexes, JobRecord, Jobs, Runs, Sources, Stages, jobs
from assistant.catalog.database import Database
from assistant.catalog.models import JobRow
from assistant.catalog.uploads import Uploads
from assistant.errors import (
    AssistantError,
    CatalogUnavailableError,
    DocumentChangedError,
    EncryptedDocumentError,
    IndexUnavailableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
    StorageFullError,
)
from assistant.ingest import Ingestor, Limits, Pictures, Pipeline
from assistant.ingest.owners import has_ended
from assistant.registry import PluginRegistry
from assistant.settings import Settings
from assistant.types import Access, Change, Changed, Checkpoint, Deleted, RawDocument
from tests.fakes.bundles import BundleParser
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.index import FakeIndex
from tests.fakes.killing import Killed
from tests.fakes.system import InProcessParsers, LineChunker, MemoryConfig, PlainParser
from workers.celery_app import SYNC
from workers.tasks import Tasks

BUNDLE = ".bundle"
PLAIN = ("a", "b", "dir/a", "dir/c")
BUNDLES = (f"x{BUNDLE}", f"y{BUNDLE}")
TEXTS = ("", "alpha", "beta\ngamma", "alpha\nbeta\ngamma\ndelta", "delta\n\nalpha")
CONTENTS = ({"one": TEXTS[2], "two": TEXTS[1]}, {"two": TEXTS[3], f"in{BUNDLE}": {"one": TEXTS[4]}})
FAULTS: dict[str, Callable[[], AssistantError]] = {
    "index": lambda: IndexUnavailableError("the owner of the index does not answer"),
    "catalog": lambda: CatalogUnavailableError("the catalog is locked"),
    "blobs": lambda: StorageFullError("the disk is full"),
}
_WAIT = 60.0  # seconds, after which a process is taken for hung
_TAKE = jobs.take
_PROCESS: ContextVar[str] = ContextVar("_PROCESS")


def text_of(key: str, number: int) -> str:
    """Return one of the texts that a document of that key may have; a bundle keeps its own."""
    return json.dumps(CONTENTS[number % len(CONTENTS)]) if key in BUNDLES else TEXTS[number % len(TEXTS)]


def this_process() -> str:
    """Stand in for `owners.this_process`: the process of the thread that asks."""
    return _PROCESS.get()


def new_worker() -> str:
    """Stand in for `owners.new_worker`."""
    return f"{_PROCESS.get()}/{uuid.uuid4().hex[:8]}"


def in_order(do: Callable[[Any], Any], items: Any, threads: int, name: str) -> Iterator[Any]:
    """Stand in for `ahead`: in one thread, so that the writes come in the same order every time."""
    return map(do, items)


def take_from_nobody(row: JobRow, owner: str, now: float, lease_seconds: float) -> JobRecord:
    """Stand in for `jobs.take`: a job that somebody holds is nobody else's to take."""
    assert row.state == "queued" or row.lease_until < time.time(), (row.key, row.lease_owner)
    return _TAKE(row, owner, now, lease_seconds)


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the source. `broken` and empty ones cannot be read until they are changed."""

    text: str
    access: Access | None = None
    broken: bool = False

    @property
    def mark(self) -> str:
        """What the source says of its version; the same at any key."""
        readers = sorted(self.access.allow) if self.access else "by rule"
        return f"{self.text}|{readers}|{self.broken}"


@dataclass
class ShakySource:
    """A source whose documents and faults the test holds.

    Args:
        is_log: whether it names only what changed since the cursor, or everything each time.
        refuses_after: fetches, after which its credentials are refused.
        breaks_off_after: documents, after which a listing is broken off.
    """

    is_log: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)  # keys that cannot be read now
    deadly: set[str] = field(default_factory=set)  # keys that end the process that fetches them
    refuses_after: int | None = None
    breaks_off_after: int | None = None
    _log: list[str] = field(default_factory=list)

    def put(self, key: str, entry: Entry | None) -> None:
        """Add or change a document; None deletes it."""
        if entry is None:
            self.entries.pop(key, None)
        else:
            self.entries[key] = entry
        self._log.append(key)

    def heal(self) -> None:
        """End all that ends by itself or by an administrator's work."""
        self.busy.clear()
        self.deadly.clear()
        self.refuses_after = self.breaks_off_after = None

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        since = int(cursor) if self.is_log and cursor is not None else None
        end = str(len(self._log))
        keys = sorted(self.entries) if since is None else list(dict.fromkeys(self._log[since:]))
        for count, key in enumerate(keys):
            if count == self.breaks_off_after:
                raise SourceUnreachableError("the connection was reset", "wait")
            entry = self.entries.get(key)
            yield Deleted(key) if entry is None else Changed(key, entry.mark)
        if self.breaks_off_after is not None:
            raise SourceUnreachableError("the share is away", "wait")
        yield Checkpoint(end, complete=since is None)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        if self.refuses_after is not None:
            self.refuses_after -= 1
            if self.refuses_after < 0:
                raise SourceError("the server refuses the token (401)", "give the source a new token")
        if key not in self.entries:
            raise NotFoundError(f"{key} is gone")
        if key in self.busy:
            raise DocumentChangedError(f"{key} kept changing")
        entry = self.entries[key]
        if entry.broken:
            raise EncryptedDocumentError(f"{key} asks for a password")
        media_type = "" if key.endswith(BUNDLE) else "text/plain"
        return RawDocument(key, entry.text.encode(), media_type, key, f"memory:{key}", entry.access)


class MemoryBlobs:
    """See `interfaces.BlobStore`; without a disk's time."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        self.stored[key] = data

    def get(self, key: str) -> bytes:
        if key not in self.stored:
            raise NotFoundError(f"nothing is stored under {key!r}")
        return self.stored[key]

    def delete(self, prefix: str) -> None:
        for key in [key for key in self.stored if key == prefix or key.startswith(f"{prefix}/")]:
            del self.stored[key]

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(key for key in self.stored if not prefix or key == prefix or key.startswith(f"{prefix}/"))


@dataclass
class World:
    """What all processes share. `claims` are the job, attempt and worker of every claim."""

    catalog: Catalog
    settings: Settings
    source: ShakySource
    index: FakeIndex = field(default_factory=lambda: FakeIndex(64))
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    dead: set[str] = field(default_factory=set)  # processes that are known to have ended
    unnoticed: set[str] = field(default_factory=set)  # those of other hosts that have

    def may_be_alive(self, owner: str) -> bool:
        """Stand in for `owners.may_be_alive`."""
        return owner.partition("/")[0] not in self.dead and not has_ended(owner)


class Process:
    """Does one thing in a thread, as a process of its own, and stops before the write that the test says.

    Args:
        world: what it works on.
        body: what it does.
    """

    def __init__(self, world: World, body: Callable[[Process], object]) -> None:
        self.name = f"process-{uuid.uuid4().hex[:8]}"
        self.at = ""  # the last write that it came to
        self.error, self.is_over = cast("AssistantError | None", None), False
        self._world = world
        self._body = body
        self._left: int | None = None
        self._is_killed = False
        self._fault = ""
        self._crash: BaseException | None = None
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._messages: list[tuple[list[Any], dict[str, Any]]] = []
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def go_on(self, writes: int | None = None, fault: str = "") -> None:
        """Let it do so many writes more, or go on to its end; with a fault, no write to that place succeeds."""
        self._left, self._fault = writes, fault
        self._go.release()
        assert self._stopped.acquire(timeout=_WAIT), f"{self.name} hangs after {self.at}"
        if self._crash is not None:
            raise self._crash

    def kill(self, *, noticed: bool) -> None:
        """End it where it is; nothing more is written, also by what cleans up after an error."""
        self._is_killed = True
        (self._world.dead if noticed else self._world.unnoticed).add(self.name)
        if not self.is_over:
            self.go_on()

    def point(self, place: str, at: str) -> None:
        """Stop here if the test wants it. The process's own thread calls this before every write."""
        self._stay_dead()
        self.at = f"{place}.{at}"
        while self._left is not None and self._left <= 0:
            self._stopped.release()
            self._go.acquire()
            self._stay_dead()
        if self._left is not None:
            self._left -= 1
        if place == self._fault:
            raise FAULTS[place]()

    def die(self) -> None:
        """End over a document."""
        self._is_killed = True
        self._world.dead.add(self.name)
        raise Killed

    def sync_source(self, *, full: bool) -> None:
        """List the source for the workers."""
        self.tasks.sync_source("s", "api", full)

    def sync_here(self, *, full: bool) -> None:
        """List the source and do the work in this process."""
        self.ingestor.work(self.ingestor.begin("s", "cli", full=full))

    def work(self) -> None:
        """Do what waits of the open runs in this process."""
        for run in self._world.catalog.runs.open():
            if run.lister is None:
                self.ingestor.work(run.id)

    def reconcile(self) -> None:
        """Look for what is unfinished, and do the syncs that are asked for by that."""
        self.tasks.reconcile()
        while self._messages:
            args, kwargs = self._messages.pop(0)
            self.tasks.sync_source(*args, **kwargs)

    def send_task(self, name: str, args: Any = (), kwargs: Any = None, **_: Any) -> None:
        """Stand in for the broker: turns at the stages are the test's to take."""
        if name == SYNC:
            self._messages.append((list(args), dict(kwargs or {})))

    def _stay_dead(self) -> None:
        if self._is_killed:
            raise Killed

    def _run(self) -> None:
        self._go.acquire()
        _PROCESS.set(self.name)
        try:
            self._stay_dead()
            self._make_parts()
            self._body(self)
        except Killed:
            pass
        except AssistantError as error:
            self.error = error
        except BaseException as error:  # noqa: BLE001 - the test's thread raises it
            self._crash = error
        self.is_over = True
        self._stopped.release()

    def _make_parts(self) -> None:
        world = self._world
        registry = PluginRegistry()
        registry.add_parser(PlainParser())
        registry.add_parser(BundleParser())
        registry.add_source("memory", MemoryConfig, lambda _: cast(Any, _Gated(world.source, "source", self)))
        catalog = _catalog(world.catalog, self)
        self.ingestor = Ingestor(
            Pipeline(
                catalog=catalog,
                index=cast(Any, _Gated(world.index, "index", self)),
                embedder=world.embedder,
                chunker=LineChunker(),
                blobs=cast(Any, _Gated(world.blobs, "blobs", self)),
                registry=registry,
                parsers=InProcessParsers(registry),
                limits=Limits(batch_documents=4, batch_chunks=3, turn_seconds=1000.0),
                pictures=Pictures(),
            )
        )
        app = SimpleNamespace(catalog=catalog, ingestor=self.ingestor, settings=world.settings, follow=lambda: False)
        app.blobs, app.uploads, app.audit = world.blobs, None, SimpleNamespace(record=lambda _: None)
        self.tasks = Tasks(cast(Any, self), lambda: cast(Any, app))


BODIES: dict[str, Callable[[Process], object]] = {
    "list": lambda process: process.sync_source(full=False),
    "list in full": lambda process: process.sync_source(full=True),
    "parse": lambda process: process.tasks.parse(),
    "embed": lambda process: process.tasks.embed(),
    "delete": lambda process: process.tasks.delete(),
    "sync here": lambda process: process.sync_here(full=False),
    "sync here in full": lambda process: process.sync_here(full=True),
    "work": lambda process: process.work(),
    "reconcile": lambda process: process.reconcile(),
    "retry": lambda process: process.ingestor.runs.retry("s"),
}


class _Gated:
    """A part of the world as a process sees it: it stops before calls that write, and before fetches."""

    _STOPS = frozenset({"write", "delete", "set_access", "flush", "put", "fetch"})

    def __init__(self, real: Any, place: str, process: Process) -> None:
        self._real, self._place, self._process = real, place, process

    def __getattr__(self, name: str) -> Any:
        if self._place == "source" and name == "unmoved":
            raise AttributeError(name)
        method = getattr(self._real, name)
        if name not in self._STOPS:
            return method

        def call(*args: Any, **kwargs: Any) -> Any:
            self._process.point(self._place, name)
            if name == "fetch" and args[0] in self._real.deadly:
                self._process.die()
            return method(*args, **kwargs)

        return call


class _GatedDatabase(Database):
    """The catalog's database as a process sees it: it stops before every transaction that writes."""

    def __init__(self, real: Database, process: Process) -> None:
        self._real, self._process = real, process
        self.url, self.engine = real.url, real.engine

    def read(self) -> AbstractContextManager[Session]:  # type: ignore[override]
        return self._real.read()

    def write(self) -> AbstractContextManager[Session]:  # type: ignore[override]
        self._process.point("catalog", sys._getframe(1).f_code.co_name)
        return self._real.write()


def _catalog(real: Catalog, process: Process) -> Catalog:
    catalog = copy.copy(real)
    database = _GatedDatabase(real.database, process)
    catalog.database = database
    catalog.sources = Sources(database, real.keyring)
    catalog.documents = Documents(database)
    catalog.jobs = Jobs(database)
    catalog.runs = Runs(database)
    catalog.stages = Stages(database)
    catalog.uploads = Uploads(database)
    catalog.indexes = Indexes(database)
    return catalog
