"""Work on indexes that an admin asks for in the web, done in a thread of this process and followed from outside.

One piece of work at a time. What it says of itself is gone with the process; what it did is in the catalog.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from assistant.app.parts import App
from assistant.app.reindexing import Reindexing
from assistant.catalog import IndexRecord
from assistant.errors import AssistantError, ConfigurationError, IndexBusyError, VectorIndexError

if TYPE_CHECKING:
    from assistant.ingest import Comparison
    from assistant.types.recall import Recall

log = logging.getLogger(__name__)

Task = Literal["build", "swap", "back", "drop", "recall"]
Phase = Literal["preparing", "building", "comparing", "swapping", "deleting", "measuring", "done", "stopped", "failed"]
_NAMED = 20  # of the documents that lack
_ENDING_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is.

    Attributes:
        task: what was asked for.
        phase: what is being done; `done`, `stopped` and `failed` are ends.
        index: the index that it is about; empty: not known yet.
        done, total: documents that are in a new index, of how many.
        started_at, ended_at: seconds since the epoch; None: it has not ended.
        error, hint: why it failed.
        lacking: documents that a new index lacks, with the cause; the first few.
        comparison: what a new index holds and finds beside the current one; None: not compared.
        recall: what a check of the current index found.
    """

    task: Task
    phase: Phase
    index: str
    started_at: float
    done: int = 0
    total: int = 0
    ended_at: float | None = None
    error: str = ""
    hint: str = ""
    lacking: tuple[str, ...] = ()
    comparison: Comparison | None = None
    recall: Recall | None = None

    @property
    def at_work(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


class Rebuilding:
    """Does what admins ask for with indexes. Safe to use from several threads.

    Args:
        app: the assistant; its index is the one that searches use.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._progress: Progress | None = None
        self._compared: dict[str, Comparison] = {}
        self._checked: tuple[float, str, Recall] | None = None
        self._made: Reindexing | None = None

    @property
    def progress(self) -> Progress | None:
        """How far the last piece of work is; None: nothing was asked for since the process began."""
        return self._progress

    @property
    def checked(self) -> tuple[float, str, Recall] | None:
        """When which index was last checked for what its searches find, and what came of it."""
        return self._checked

    def compared(self, name: str) -> Comparison | None:
        """Return what came of comparing that index with the current one, since the process began."""
        return self._compared.get(name)

    def build(self, embedder: str | None, chunk_tokens: int | None, sparse_embedder: str | None) -> Progress:
        """Begin to build another index, or go on with the one that is being built, and compare it at the end.

        Args:
            embedder, chunk_tokens, sparse_embedder: as for `Reindexing.begin`, which is called by the thread: a model
                that cannot be loaded is the end of the work, not of this call.

        Raises:
            IndexBusyError: other work goes on.
        """
        return self._begin("build", "", lambda: self._build(embedder, chunk_tokens, sparse_embedder))

    def swap(self, name: str, *, force: bool = False) -> Progress:
        """Begin to go over to an index that was built and compared.

        Args:
            name: its name.
            force: though it finds clearly less than the current one.

        Raises:
            IndexBusyError: other work goes on.
            NotFoundError: there is no such index.
            ConfigurationError: it is not ready, or was not compared.
            VectorIndexError: it finds clearly less, and that is not to be so.
        """
        record = self._app.catalog.indexes.get(name)
        comparison = self._compared.get(name)
        if record.state != "ready" or comparison is None:
            raise ConfigurationError(f"the index {name!r} is not built and compared", "go on with building it first")
        if (comparison.loses or comparison.is_worse) and not force:
            raise VectorIndexError(f"the index {name!r} finds clearly less than the current one", "look, then force it")
        return self._begin("swap", name, lambda: self._swap(record))

    def back(self, name: str = "") -> Progress:
        """Begin to go back to the index that searches used before.

        Args:
            name: which it has to be; empty: whichever it is when the work begins.

        Raises:
            IndexBusyError: other work goes on.
            NotFoundError, ChangedMeanwhileError: as `Reindexing.former`, where it is named.
        """
        if name:
            self._work().former(name)
        return self._begin("back", name, lambda: self._back(name))

    def drop(self, name: str) -> Progress:
        """Begin to give an index up. Raises IndexBusyError, and NotFoundError where there is none of that name."""
        self._app.catalog.indexes.get(name)
        return self._begin("drop", name, lambda: self._drop(name))

    def check(self, sample: int) -> Progress:
        """Begin to measure what the current index's searches find of what exact ones find. Raises IndexBusyError.

        Args:
            sample: how many stored vectors are asked with.
        """
        return self._begin("recall", self._app.served.name, lambda: self._check(sample))

    def stop(self) -> None:
        """End building after the document it is at; what was built stays, and `build` goes on with it."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait a while for the end."""
        self._stop.set()
        thread = self._thread
        if thread is not None:
            thread.join(_ENDING_SECONDS)

    def _begin(self, task: Task, index: str, work: Callable[[], None]) -> Progress:
        with self._lock:
            known = self._progress
            if known is not None and known.at_work:
                raise IndexBusyError(f"an index is at work already: {known.task}, {known.phase}", "wait for its end")
            self._stop.clear()
            begun = self._progress = Progress(task, "preparing", index, time.time())
            self._thread = threading.Thread(target=self._run, args=(work,), name=f"index-{task}", daemon=True)
            self._thread.start()
        return begun

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AssistantError as error:
            log.error("work on an index failed: %s", error)
            self._end("failed", error.message, error.hint)
        except Exception as error:
            log.exception("work on an index failed")
            self._end("failed", f"{type(error).__name__}: {error}", "see the log of the server")
            raise

    def _now(self, **changes: Any) -> None:
        """Say how far the work is; none but its own thread does."""
        if self._progress is not None:
            self._progress = replace(self._progress, **changes)

    def _end(self, phase: Phase, error: str = "", hint: str = "") -> None:
        self._now(phase=phase, error=error, hint=hint, ended_at=time.time())

    def _work(self) -> Reindexing:
        if self._made is None:
            self._made = Reindexing(self._app)
        return self._made

    def _build(self, embedder: str | None, chunk_tokens: int | None, sparse_embedder: str | None) -> None:
        record = self._work().begin(embedder, chunk_tokens, sparse_embedder)
        self._now(index=record.name)
        with self._work().opened(record) as new:
            self._now(phase="building", done=record.done, total=record.total)
            built = new.builder.build(lambda done, total: self._now(done=done, total=total), self._stop.is_set)
            if built.stopped:
                self._end("stopped")
                return
            if built.lacking:
                named = tuple(f"{one.key}: {one.error}" for one in built.lacking[:_NAMED])
                self._now(lacking=named)
                count = len(built.lacking)
                self._end("failed", f"the index {record.name!r} lacks {count} documents", "sync their sources in full")
                return
            self._now(phase="comparing")
            comparison = self._work().compare(new)
        self._compared[record.name] = comparison
        self._now(comparison=comparison)
        self._end("done")

    def _swap(self, record: IndexRecord) -> None:
        self._now(phase="swapping")
        with self._work().opened(record) as new:
            new.builder.swap(should_stop=self._stop.is_set)
        self._app.follow()
        self._end("done")

    def _back(self, name: str) -> None:
        self._now(phase="swapping")
        record = self._work().back(name)
        self._now(index=record.name)
        self._app.follow()
        self._end("done")

    def _drop(self, name: str) -> None:
        self._now(phase="deleting")
        self._work().drop(name)
        self._compared.pop(name, None)
        self._end("done")

    def _check(self, sample: int) -> None:
        self._now(phase="measuring")
        name, index = self._app.served.name, self._app.index
        found = index.recall(sample)
        self._checked = (time.time(), name, found)
        self._now(recall=found)
        self._end("done")
