"""Decides when an Edge index is rewritten, and goes over to the rewritten shard while it is searched and written."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from assistant.adapters import edge_compaction as compaction
from assistant.adapters import search_plan
from assistant.adapters.disk import copy_sparsely, storage_error, sync_folder
from assistant.adapters.edge_folder import SMALL_BYTES, WRITE_BYTES, Built, EdgeFolder, translated
from assistant.errors import AssistantError

log = logging.getLogger(__name__)
_ROUNDS = 5  # in which what was written during a compaction is brought over while more is written
_FEW = 20  # documents that are brought over while writes wait
_QUIET_SECONDS = 20.0  # without a write, before upkeep begins by itself
_AGAIN_SECONDS = 600.0  # after a compaction that failed


class Engine(Protocol):
    """Yields the shard to one caller at a time, with so many bytes free on the disk."""

    def __call__(self, need: int = 0, *, holes: bool = False) -> AbstractContextManager[Any]:
        """See the class."""
        ...


class EdgeUpkeep:
    """Belongs to one open index.

    Args:
        place: its folder.
        engine: gives its shard.
        replace: makes the index use another shard, and returns the former one; called with the engine held.
    """

    def __init__(self, place: EdgeFolder, engine: Engine, replace: Callable[[Any], Any]) -> None:
        self.writes = threading.RLock()  # held by who writes, or wants nothing written; taken before the engine
        self._place, self._engine, self._replace = place, engine, replace
        self._compacting = threading.Lock()
        self._ended = threading.Event()
        self._changed: set[str] = set()  # documents, since the last copy
        self._idle_since = 0.0  # when something was written, or when to try again
        with engine() as shard:
            self.pending = abs(shard.info().points_count - place.built.points)  # points that were not rewritten

    @contextmanager
    def writing(self, documents: set[str]) -> Iterator[None]:
        """Held by who writes these documents."""
        with self.writes:
            self._changed |= documents
            self._idle_since = max(self._idle_since, time.monotonic())
            yield

    @contextmanager
    def ended(self) -> Iterator[None]:
        """End a compaction that is at work, and let no other begin meanwhile."""
        self._ended.set()
        with self._compacting:
            yield

    def run(self, *, at_once: bool) -> bool:
        """Compact if that is due; see `interfaces.Index.upkeep`."""
        quiet = at_once or time.monotonic() - self._idle_since >= _QUIET_SECONDS
        with self._engine() as shard:
            due = search_plan.is_due(self.pending, shard.info().points_count, quiet=quiet)
        if not due:
            return False
        try:
            return self.compact()
        except BaseException:
            self._idle_since = time.monotonic() + _AGAIN_SECONDS
            raise

    def compact(self) -> bool:
        """Rewrite all that was written, for quick searches, in a process of its own (`edge_compaction`).

        Searches go on all the time; writes wait while the files are copied. This process stands still only while the
        result is loaded.

        Returns:
            Whether it was rewritten: not where the disk has no room for it, or where another thread is at it.

        Raises:
            VectorIndexError, StorageError: it failed, and everything is as before.
            IndexUnavailableError: the index is closed; likewise.
        """
        if not self._compacting.acquire(blocking=False):
            return False
        try:
            target, pending = self._place.fresh(), self.pending
            try:
                former = self._compact(target)
            except BaseException:
                if not self._place.counts(target):  # an interrupt may come when it counts already
                    self.pending += pending
                    shutil.rmtree(target, ignore_errors=True)
                raise
            if former is not None:
                self._retire(*former)
            return former is not None
        finally:
            self._compacting.release()

    def _compact(self, target: Path) -> tuple[Any, Path] | None:
        """Return the former shard and its folder, which nobody uses any more; None where there is no room."""
        place = self._place
        with self.writes:
            with self._engine(SMALL_BYTES) as shard:
                shard.flush()
            if not place.disk.has(WRITE_BYTES + 3 * place.disk.used()):
                return None
            self._changed, self.pending = set(), 0
            try:
                copy_sparsely(place.shard, target)  # searches alone change no file
            except OSError as error:
                raise storage_error(target, error) from error
        layout = compaction.Layout(place.dimension, place.pictures_dimension, place.has_learned)
        done = compaction.rewrite(target, layout, self._ended.is_set)
        other = place.load(target)
        try:
            former = self._take_over(other, Built(target.name, done.has_graph, other.info().points_count))
        except BaseException:
            if not place.counts(target):
                other.close()
            raise
        log.info("the index was compacted in %s s, recall %s", done.seconds, done.recall.worst)
        return former

    def _take_over(self, other: Any, built: Built) -> tuple[Any, Path]:
        """Bring another shard level with the index's and use it from then on. Returns the former one and its folder."""
        place, target = self._place, self._place.folder / built.shard
        for _ in range(_ROUNDS):
            with self.writes:
                changed, self._changed = self._changed, set()
            self._carry(other, changed)
            if len(self._changed) <= _FEW:
                break
        self._synced(other, target)  # most of it while others write
        with self.writes:
            self._carry(other, self._changed)
            self._synced(other, target)
            with self._engine():
                path, former = place.shard, None
                try:
                    place.adopt(built)
                finally:
                    if place.counts(target):  # even if an interrupt comes: writes must go where the next start looks
                        former = self._replace(other)
        return former, path

    def _synced(self, shard: Any, path: Path) -> None:
        """Make all that a shard holds durable: the engine's own flush leaves some of its files to the system."""
        with translated(self._place.folder):
            shard.flush()
        try:
            sync_folder(path)
        except OSError as error:
            raise storage_error(path, error) from error

    def _retire(self, former: Any, path: Path) -> None:
        """Let go of a shard that counts no more. What cannot be deleted now is deleted at the next start."""
        try:
            with translated(self._place.folder):
                former.close()
        except AssistantError as error:
            log.warning("the former index was not closed: %s", error)
        shutil.rmtree(path, ignore_errors=True)

    def _carry(self, other: Any, documents: set[str]) -> None:
        for document in sorted(documents):
            with self._engine(WRITE_BYTES, holes=True) as shard:
                compaction.carry(shard, other, [document])
