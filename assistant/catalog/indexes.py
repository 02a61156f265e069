"""The catalog's indexes: which one searches use, which are built beside it or kept to go back to, and the swap.

As long as nobody has built a second index there is no row: the one there is belongs to the settings. The first reindex
gives it the row `first`. From then on exactly one row is `current`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, cast

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from assistant.catalog.alone import alone
from assistant.catalog.database import Database
from assistant.catalog.generation import next_generation
from assistant.catalog.models import DocumentRow, GrantRow, IndexRow, JobRow, RunRow
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import Access

FIRST = "first"
IndexState = Literal["building", "ready", "current", "kept", "dropped"]
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """An index: `embedder`, `chunk_tokens` and `sparse_embedder` (empty: none) as settings name them.

    `done` of `total` documents are in it so far. `swapped_at` is when searches last began or ended to use it. `error`
    says why building it ended early.
    """

    name: str
    state: IndexState
    embedder: str
    chunk_tokens: int
    sparse_embedder: str
    created_at: float
    swapped_at: float | None = None
    done: int = 0
    total: int = 0
    error: str = ""

    @property
    def models(self) -> tuple[str, int, str]:
        """What it is made by: the embedder, the longest chunk and the sparse embedder."""
        return self.embedder, self.chunk_tokens, self.sparse_embedder


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document as it is, or is to be, in one index: `chunks` and `tokens` are counted by that index's models."""

    version: str
    access: Access
    chunks: int
    tokens: int

    def is_same(self, other: IndexedDocument | None) -> bool:
        """Whether the other is the same version for the same readers, whatever the chunks."""
        return other is not None and (self.version, self.access) == (other.version, other.access)


@dataclass(frozen=True, slots=True)
class SwapResult:
    """What stood against a swap: how many documents are others than in the index, and which sources are synced now."""

    differing: int = 0
    syncing: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return not self.differing and not self.syncing


class Indexes:
    """Reads and changes the table of indexes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> IndexRecord | None:
        """Return the index that searches use; None where there is but the first, as the settings name it."""
        with self._database.read() as session:
            row = _current(session)
            return _record(row) if row else None

    def previous(self) -> IndexRecord | None:
        """Return the kept index that searches used last: what going back goes to."""
        query = select(IndexRow).where(IndexRow.state == "kept").order_by(IndexRow.swapped_at.desc()).limit(1)
        with self._database.read() as session:
            row = session.scalar(query)
            return _record(row) if row else None

    def all(self) -> list[IndexRecord]:
        """Return the indexes, oldest first."""
        with self._database.read() as session:
            return [_record(row) for row in session.scalars(select(IndexRow).order_by(IndexRow.created_at))]

    def get(self, name: str) -> IndexRecord:
        """Return the index. Raises NotFoundError."""
        with self._database.read() as session:
            return _record(_row(session, name))

    def alone(self, name: str) -> AbstractContextManager[None]:
        """Let no other process build or delete the index of that name, on a server that all of them reach; see `alone`.

        Raises:
            HomeInUseError: another one does.
        """
        return alone(self._database, f"the index {name!r}")

    def add(
        self, name: str, embedder: str, chunk_tokens: int, sparse_embedder: str = "", *, first: tuple[str, int, str]
    ) -> IndexRecord:
        """Record an index that is to be built; at most one is at a time.

        Args:
            name: new, and fit for a folder's.
            embedder: the embedder as the setting names it.
            chunk_tokens: the longest chunk.
            sparse_embedder: the learned sparse model as the setting names it; empty for none.
            first: the `models` of the index that searches use now, where it has no row yet.

        Raises:
            ConfigurationError: the name is taken or cannot be used, or another index is being built.
        """
        if name == FIRST or not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"an index cannot be called {name!r}", "use at most 40 lower-case letters, digits, '.', '_' and '-'"
            )
        now = time.time()
        with self._database.write() as session:
            rows = {row.name: row for row in session.scalars(select(IndexRow))}
            if name in rows:
                raise ConfigurationError(f"there is an index {name!r}: it is {rows[name].state}", "take another name")
            busy = [row.name for row in rows.values() if row.state in {"building", "ready"}]
            if busy:
                raise ConfigurationError(f"the index {busy[0]!r} is being built", "finish or drop it first")
            if not any(row.state == "current" for row in rows.values()):
                session.add(_new(FIRST, "current", *first, now))
            row = _new(name, "building", embedder, chunk_tokens, sparse_embedder, now)
            session.add(row)
            session.flush()
            return _record(row)

    def progress(self, name: str, done: int, total: int) -> None:
        """Record that `done` of `total` documents are in the index."""
        with self._database.write() as session:
            session.execute(update(IndexRow).where(IndexRow.name == name).values(done=done, total=total, error=""))

    def failed(self, name: str, error: str) -> None:
        """Record why building the index ended early."""
        with self._database.write() as session:
            session.execute(update(IndexRow).where(IndexRow.name == name).values(error=error))

    def ready(self, name: str) -> None:
        """Record that the index holds what the catalog does; it is no error that it was ready before."""
        with self._database.write() as session:
            building = update(IndexRow).where(IndexRow.name == name, IndexRow.state == "building")
            session.execute(building.values(state="ready", error=""))

    def documents(self) -> dict[str, IndexedDocument]:
        """Return all current documents by id: what an index is to hold, with the current one's chunks and tokens."""
        with self._database.read() as session:
            return _documents(session)

    def swap(self, name: str, built: Mapping[str, IndexedDocument], pipeline: Callable[[str], str]) -> SwapResult:
        """Let searches use the index `name`, and keep the former one; all in one transaction, or nothing.

        It is done only if, in that transaction, the index holds every document's current version for its current
        readers, and no source is being synced: a sync that began before would go on writing to the former index.

        Args:
            name: an index that is ready or kept.
            built: what it holds, with chunks and tokens as its models make them.
            pipeline: returns a document's or a failed job's pipeline with this index's chunker in place of the former,
                so that the next sync does not take them for outdated.

        Raises:
            NotFoundError: there is no such index.
            ConfigurationError: it is neither ready nor kept.
        """
        now = time.time()
        with self._database.write() as session:
            _lock(session)
            row = _row(session, name)
            if row.state not in {"ready", "kept"}:
                raise ConfigurationError(f"the index {name!r} is {row.state}, not ready", "`assistant reindex` goes on")
            result = SwapResult(_differing(_documents(session), built), _syncing(session, now))
            if not result.done:
                return result
            _rewrite(session, built, pipeline)
            former = _current(session)
            if former is not None:
                former.state, former.swapped_at = "kept", now
            row.state, row.swapped_at = "current", now
            next_generation(session)  # documents have other chunks and tokens now
        return result

    def back(self, built: Mapping[str, IndexedDocument], pipeline: Callable[[str], str]) -> SwapResult:
        """Swap to the index that `previous` returns, as `swap` does.

        Raises:
            NotFoundError: none is kept.
        """
        previous = self.previous()
        if previous is None:
            raise NotFoundError("no former index is kept", "build one with `assistant reindex`")
        return self.swap(previous.name, built, pipeline)

    def drop(self, name: str) -> None:
        """Give the index up: nobody writes to it from now on, and what it holds may be deleted; then `remove` it.

        Raises:
            NotFoundError: there is no such index.
            ConfigurationError: searches use it.
        """
        with self._database.write() as session:
            row = _row(session, name)
            if row.state == "current":
                raise ConfigurationError(f"searches use the index {name!r}", "go back to the former one first")
            row.state = "dropped"

    def remove(self, name: str) -> None:
        """Forget a dropped index whose contents are deleted; its name can be taken again. Raises as `drop` does."""
        with self._database.write() as session:
            row = _row(session, name)
            if row.state != "dropped":
                raise ConfigurationError(f"the index {name!r} is {row.state}", "drop it first")
            session.delete(row)

    def mark(self) -> tuple[object, ...]:
        """Return what changes whenever an index may have to follow a change of documents, cheaply."""
        with self._database.read() as session:
            documents = session.execute(select(func.count(), func.max(DocumentRow.updated_at)).select_from(DocumentRow))
            return (*documents.one(), session.scalar(select(func.max(RunRow.finished_at))))


def keep_restored(session: Session, index: IndexRecord) -> None:
    """Let the rows of a backup, just loaded, speak of the one index that was filled from it.

    A backup that was made before the first reindex has no row of its index, which only the index `first` needs none of.

    Args:
        session: of the transaction that loads the rows.
        index: what was filled, and what a row says of it where the backup has none.
    """
    session.execute(delete(IndexRow).where(IndexRow.state != "current"))
    row = _current(session)
    if row is None:
        if index.name != FIRST:
            session.add(_new(index.name, "current", *index.models, time.time()))
        return
    row.name = index.name
    if (row.embedder, row.sparse_embedder) != (index.embedder, index.sparse_embedder):  # its vectors were left out
        row.embedder, row.chunk_tokens, row.sparse_embedder = index.models


def _lock(session: Session) -> None:
    """Let nobody else write what the swap compares. SQLite has one writer anyhow; reads go on on both.

    The tables come in the order in which other transactions write them, so that none waits for the other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE documents, grants, jobs, runs, indexes IN SHARE ROW EXCLUSIVE MODE"))


def _documents(session: Session) -> dict[str, IndexedDocument]:
    columns = (DocumentRow.id, DocumentRow.version, DocumentRow.chunks, DocumentRow.tokens)
    query = (
        select(*columns, GrantRow.principal, GrantRow.allowed)
        .join(GrantRow, GrantRow.document_id == DocumentRow.id, isouter=True)
        .order_by(DocumentRow.id)
    )
    readers: dict[Access, Access] = {}  # few are distinct
    found: dict[str, IndexedDocument] = {}
    for (document, version, chunks, tokens), rows in groupby(session.execute(query), key=lambda row: tuple(row[:4])):
        grants = [(row[4], row[5]) for row in rows if row[4] is not None]
        access = Access(frozenset(p for p, allowed in grants if allowed), frozenset(p for p, ok in grants if not ok))
        found[document] = IndexedDocument(version, readers.setdefault(access, access), chunks, tokens)
    return found


def _differing(wanted: Mapping[str, IndexedDocument], built: Mapping[str, IndexedDocument]) -> int:
    changed = sum(not document.is_same(built.get(identity)) for identity, document in wanted.items())
    return changed + len(built.keys() - wanted.keys())


def _syncing(session: Session, now: float) -> tuple[str, ...]:
    """Return the sources with an open run, or with a worker that has not noticed yet that its run was ended."""
    found = set(session.scalars(select(RunRow.source).where(RunRow.state == "running")))
    found |= set(session.scalars(select(JobRow.source).where(JobRow.state == "running", JobRow.lease_until > now)))
    return tuple(sorted(found))


def _rewrite(session: Session, built: Mapping[str, IndexedDocument], pipeline: Callable[[str], str]) -> None:
    """Let documents and failed jobs look as if this index's chunker and embedder had made them."""
    rows = session.execute(select(DocumentRow.id, DocumentRow.pipeline)).all()
    for start in range(0, len(rows), _AT_ONCE):
        changes = [
            {
                "id": row.id,
                "pipeline": pipeline(row.pipeline),
                "chunks": built[row.id].chunks,
                "tokens": built[row.id].tokens,
            }
            for row in rows[start : start + _AT_ONCE]
        ]
        session.execute(update(DocumentRow), changes)
    for (former,) in session.execute(select(JobRow.pipeline).where(JobRow.pipeline != "").distinct()).all():
        session.execute(update(JobRow).where(JobRow.pipeline == former).values(pipeline=pipeline(former)))


def _new(name: str, state: IndexState, embedder: str, chunk_tokens: int, sparse_embedder: str, now: float) -> IndexRow:
    models = {"embedder": embedder, "chunk_tokens": chunk_tokens, "sparse_embedder": sparse_embedder}
    return IndexRow(name=name, state=state, **models, created_at=now, done=0, total=0, error="")


def _current(session: Session) -> IndexRow | None:
    return session.scalar(select(IndexRow).where(IndexRow.state == "current"))


def _row(session: Session, name: str) -> IndexRow:
    row = session.get(IndexRow, name)
    if row is None:
        raise NotFoundError(f"there is no index {name!r}", "see `assistant reindex --list`")
    return row


def _record(row: IndexRow) -> IndexRecord:
    return IndexRecord(
        name=row.name,
        state=cast(IndexState, row.state),
        embedder=row.embedder,
        chunk_tokens=row.chunk_tokens,
        sparse_embedder=row.sparse_embedder,
        created_at=row.created_at,
        swapped_at=row.swapped_at,
        done=row.done,
        total=row.total,
        error=row.error,
    )
