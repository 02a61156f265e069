"""Builds another index beside the current one, goes over to it, goes back, and keeps the former one level."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from assistant.app.opening import load_embedder, make_chunker, open_index, remove_index
from assistant.app.parts import App
from assistant.catalog import IndexRecord
from assistant.catalog.indexes import FIRST
from assistant.errors import AssistantError, ChangedMeanwhileError, ConfigurationError, HomeInUseError, NotFoundError
from assistant.interfaces import Embedder, Index

if TYPE_CHECKING:
    from assistant.ingest import CatchUp, Comparison, IndexBuilder

log = logging.getLogger(__name__)
_PATIENCE = 30.0
_POLL_SECONDS = 0.5
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Opened:
    """An index that is open for its builder."""

    index: Index
    embedder: Embedder
    builder: IndexBuilder


class Reindexing:
    """See `infra/docs/reindex.md`.

    Args:
        app: the assistant; its index is the one that searches use.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._indexes = app.catalog.indexes
        self._embedders: dict[str, Embedder] = {}
        self._level: dict[str, tuple[object, ...]] = {}  # marks at which a kept index was level

    def begin(self, embedder: str | None, chunk_tokens: int | None, sparse_embedder: str | None = None) -> IndexRecord:
        """Return the index that is being built, or record one that is to be built.

        Args:
            embedder: as the setting `embedder` names it; None: that of the current index, or of the one at work.
            chunk_tokens: the longest chunk; None: likewise.
            sparse_embedder: as the setting names it, empty for none; None: likewise.

        Raises:
            ConfigurationError: another one is being built, or nothing is to be changed.
        """
        served = self._app.served
        for record in self._indexes.all():
            if record.state in {"building", "ready"}:
                if _wanted(record, embedder, chunk_tokens, sparse_embedder) != record.models:
                    raise ConfigurationError(
                        f"the index {record.name!r} is being built",
                        "`assistant reindex` goes on, --drop ends it",
                    )
                return record
        wanted = _wanted(served, embedder, chunk_tokens, sparse_embedder)
        if wanted == served.models:
            weighed = f" and {served.sparse_embedder}" if served.sparse_embedder else ""
            raise ConfigurationError(
                f"the index is made by {served.embedder}{weighed} with chunks of {served.chunk_tokens} tokens already",
                "name another --embedder, --sparse-embedder or --chunk-tokens",
            )
        make_chunker(self._embedder(wanted[0]), wanted[1])
        self._app.sparse_embedder(wanted[2])  # one that cannot be loaded is refused before anything is recorded
        return self._indexes.add(self._name(*wanted[:2]), *wanted, first=served.models)

    @contextmanager
    def opened(self, record: IndexRecord, patience: float = _PATIENCE) -> Iterator[Opened]:
        """Open an index that searches do not use, for building it or keeping it level.

        Args:
            record: the index.
            patience: seconds to wait for a process that is letting go of it: searches that began on it may still go on.

        Raises:
            HomeInUseError: another process works on it.
        """
        from assistant.ingest import IndexBuilder, PictureCopies

        app = self._app
        embedder = self._embedder(record.embedder)
        with ExitStack() as closing:
            sparse = app.sparse_embedder(record.sparse_embedder)
            _when_free(lambda: closing.enter_context(self._alone(record.name)), patience)
            opening = partial(open_index, app.settings, record.name, embedder, app.picture_model, sparse)
            index = _when_free(opening, patience)
            closing.callback(index.close)
            builder = IndexBuilder(
                name=record.name,
                catalog=app.catalog,
                blobs=app.blobs,
                index=index,
                embedder=embedder,
                chunker=make_chunker(embedder, record.chunk_tokens),
                pictures=PictureCopies(app.blobs, app.picture_embedder, app.index),
            )
            yield Opened(index, embedder, builder)

    def compare(self, new: Opened) -> Comparison:
        """Return what the current index and another one hold and find, the other one as it will be searched.

        Raises:
            VectorIndexError: it could not be rewritten for quick searches.
        """
        from assistant.ingest import Searched, compare

        app = self._app
        new.index.upkeep(at_once=True)
        current = Searched(app.index, app.embedder)
        return compare(app.catalog, app.blobs, current, Searched(new.index, new.embedder))

    def former(self, name: str = "") -> IndexRecord:
        """Return the index that searches used before.

        Args:
            name: which it has to be; empty: whichever it is.

        Raises:
            NotFoundError: none is kept.
            ChangedMeanwhileError: it is another one by now.
        """
        previous = self._indexes.previous()
        if previous is None:
            raise NotFoundError("no former index is kept", "there is none to go back to: `assistant reindex --list`")
        if name and name != previous.name:
            raise ChangedMeanwhileError(
                f"the former index is {previous.name!r} by now, not {name!r}", "look at the indexes again"
            )
        return previous

    def back(self, name: str = "") -> IndexRecord:
        """Go back to the index that searches used before. Returns it.

        Args:
            name: as of `former`.

        Raises:
            NotFoundError, ChangedMeanwhileError: as `former`.
            SourceBusyError, VectorIndexError: as `IndexBuilder.swap`.
        """
        previous = self.former(name)
        with self.opened(previous) as former:
            former.builder.swap()
        return previous

    def drop(self, name: str) -> None:
        """Give an index up and delete it: one that is built, or a former one, to which there is no way back then.

        Raises:
            NotFoundError: there is no such index.
            ConfigurationError: searches use it.
            HomeInUseError: another process works on it; it is given up, and deleted as soon as that lets go of it.
        """
        self._indexes.drop(name)
        self._delete(name, _PATIENCE)

    def keep_level(self) -> list[CatchUp]:
        """Bring indexes that are ready or kept to what the catalog says. Returns what was done.

        What is left of one that was given up is deleted. One on which another process works is left to that; a failure
        of one is logged, and tried again the next time.
        """
        done: list[CatchUp] = []
        for record in self._indexes.all():
            if record.state == "dropped":
                with suppress(HomeInUseError):
                    self._delete(record.name, 0.0)
                continue
            mark = self._indexes.mark()
            if record.state not in {"ready", "kept"} or self._level.get(record.name) == mark:
                continue
            try:
                with self.opened(record, patience=0.0) as other:
                    report = other.builder.catch_up()
            except HomeInUseError:
                continue
            except AssistantError as error:
                log.error("the index %s was not brought level: %s", record.name, error)
                continue
            done.append(report)
            if report.is_level:
                self._level[record.name] = mark
        return done

    def _embedder(self, name: str) -> Embedder:
        """Return the embedder of that name; it is loaded once, for an index is opened again and again."""
        if name == self._app.served.embedder:
            return self._app.embedder
        if name not in self._embedders:
            self._embedders[name] = load_embedder(self._app.settings, name)
        return self._embedders[name]

    def _delete(self, name: str, patience: float) -> None:
        """Delete what is left of an index that was given up."""
        from assistant.ingest import IndexLedger

        with ExitStack() as closing:
            _when_free(lambda: closing.enter_context(self._alone(name)), patience)
            _when_free(partial(remove_index, self._app.settings, name), patience)
            IndexLedger(self._app.blobs, name).delete()
            self._indexes.remove(name)

    def _alone(self, name: str) -> AbstractContextManager[None]:
        """Keep other processes from an index on a server; the engine in-process locks its folder by itself."""
        return self._indexes.alone(name) if self._app.settings.index == "qdrant" else nullcontext()

    def _name(self, embedder: str, chunk_tokens: int) -> str:
        """Return a name that is free."""
        slug = re.sub(r"[^a-z0-9]+", "-", embedder.lower().rpartition("/")[2]).strip("-")[:24] or "index"
        taken = {record.name for record in self._indexes.all()} | {FIRST}
        name = base = f"{slug}-{chunk_tokens}"
        number = 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        return name


def _wanted(
    record: IndexRecord, embedder: str | None, chunk_tokens: int | None, sparse_embedder: str | None
) -> tuple[str, int, str]:
    """Return what an index is to be made by where only some of it is named: the rest is the record's."""
    sparse = record.sparse_embedder if sparse_embedder is None else sparse_embedder
    return embedder or record.embedder, chunk_tokens or record.chunk_tokens, sparse


def _when_free(use: Callable[[], Result], patience: float) -> Result:
    """Return what `use` of an index returns, as soon as no other process has it.

    Args:
        use: raises HomeInUseError where one has it.
        patience: seconds to wait for that one to let go.

    Raises:
        HomeInUseError: it did not.
    """
    until = time.monotonic() + patience
    while True:
        try:
            return use()
        except HomeInUseError:
            if time.monotonic() >= until:
                raise
        time.sleep(_POLL_SECONDS)
