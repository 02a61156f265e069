"""What documents there are, for those who look for some: by name, type and what became of them, without their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow, FailureRow, JobRow, RunRow, SourceRow, SuspicionRow
from assistant.catalog.readable import info_of, readable_by
from assistant.catalog.uploads import UPLOADS
from assistant.types import DocumentInfo, User

InventoryState = Literal["current", "waiting", "failed", "flagged"]
_AT_WORK = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which documents are looked for.

    Attributes:
        query: stands in the title or the key; in any case of its letters, SQLite knowing those of ASCII only.
        media_types: any of these; empty: any.
        state: what became of them; empty: those that are there, whatever else is.
    """

    query: str = ""
    media_types: tuple[str, ...] = ()
    state: InventoryState | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Work on a document that is not finished: `state` is queued, running or failed; the rest is of what failed."""

    state: str
    action: str
    error: str = ""
    code: str = ""
    failures: int = 0
    next_try: float | None = None
    ignored: bool = False


@dataclass(frozen=True, slots=True)
class InventoryRecord:
    """A document as those see it who look after its source.

    Attributes:
        source, key: where it is.
        info: the current version; None where none was ever made.
        updated_at: when that became current.
        access_from_source: whether its readers come from the source, or from the admin's rule.
        parent: the id of the document that it is in; empty: none.
        work: what is still to be done on it, or failed; None: nothing.
    """

    source: str
    key: str
    info: DocumentInfo | None
    updated_at: float
    access_from_source: bool
    parent: str
    work: Work | None


@dataclass(frozen=True, slots=True)
class Happened:
    """A run of the source that could not index the document, and why."""

    run_id: str
    at: float
    error: str
    code: str


@dataclass(frozen=True, slots=True)
class SuspicionCounts:
    """How many documents read like orders to an assistant: warned of now, looked at, and below the threshold."""

    flagged: int
    reviewed: int
    slight: int


class Inventory:
    """Looks for documents, for those who look after their sources: nothing of what one says is in what it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def readable(
        self, user: User, sources: Sequence[str] | None, wanted: Wanted, limit: int, offset: int
    ) -> tuple[list[DocumentInfo], int]:
        """Return a stretch of the documents that the user may read, by source and key, and how many there are.

        The wanted `state` is not looked at: what is read is current.
        """
        where = (*readable_by(user, sources), *_named(wanted, DocumentRow.key))
        query = select(DocumentRow).where(*where).order_by(DocumentRow.source, DocumentRow.key)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(DocumentRow).where(*where)) or 0
            return [info_of(row) for row in session.scalars(query.limit(limit).offset(offset))], total

    def page(
        self, sources: Sequence[str] | None, wanted: Wanted, limit: int, offset: int, *, uploads: bool = False
    ) -> tuple[list[InventoryRecord], int]:
        """Return a stretch of the documents of these sources, None for all, by source and key; and how many there are.

        Args:
            sources: None: all.
            wanted: which.
            limit, offset: the stretch.
            uploads: whether what people uploaded for themselves is among them.
        """
        query = _query(wanted, sources, uploads)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            rows = session.execute(query.order_by("source", "key").limit(limit).offset(offset)).all()
            return [_record(row) for row in rows], total

    def one(self, source: str, key: str) -> InventoryRecord | None:
        """Return one document; None where there is none, and no work on one."""
        for wanted in (Wanted(), Wanted(state="failed"), Wanted(state="waiting")):
            base = JobRow if wanted.state else DocumentRow
            query = _query(wanted, [source], uploads=True).where(base.key == key)
            with self._database.read() as session:
                row = session.execute(query).first()
                if row is not None:
                    return _record(row)
        return None

    def media_types(self, sources: Sequence[str] | None, user: User | None = None) -> list[tuple[str, int]]:
        """Return the types of the documents of these sources with how many there are, the most frequent first.

        Args:
            sources: None: all.
            user: only of what this one may read; None: all that is in the inventory.
        """
        where = readable_by(user, sources) if user is not None else _of(DocumentRow.source, sources, uploads=False)
        query = select(DocumentRow.media_type, func.count()).where(*where).group_by(DocumentRow.media_type)
        with self._database.read() as session:
            found = [(str(name), int(number)) for name, number in session.execute(query)]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def failures(self, source: str, key: str, limit: int = 20) -> list[Happened]:
        """Return the runs that could not index the document, the newest first."""
        query = (
            select(FailureRow, RunRow.started_at)
            .join(RunRow, RunRow.id == FailureRow.run_id)
            .where(RunRow.source == source, FailureRow.key == key)
            .order_by(RunRow.started_at.desc(), FailureRow.id.desc())
            .limit(limit)
        )
        with self._database.read() as session:
            return [Happened(row.run_id, at, row.error, row.code) for row, at in session.execute(query)]

    def suspicions(self, least: float) -> SuspicionCounts:
        """Return how many documents read like orders to an assistant.

        Args:
            least: the score from which on people are warned.
        """
        reviewed = SuspicionRow.reviewed_at.is_not(None)
        counts = (
            func.count().filter(DocumentRow.flagged),
            func.count().filter(SuspicionRow.score >= least, reviewed),
            func.count().filter(SuspicionRow.score < least),
        )
        query = select(*counts).join(DocumentRow, DocumentRow.id == SuspicionRow.document_id)
        with self._database.read() as session:
            flagged, looked_at, slight = session.execute(query).one()
        return SuspicionCounts(int(flagged), int(looked_at), int(slight))


def _query(wanted: Wanted, sources: Sequence[str] | None, uploads: bool) -> Select[Any]:
    """Return the rows that are looked for: a document and the work on it, either of which may lack."""
    same = and_(JobRow.source == DocumentRow.source, JobRow.key == DocumentRow.key)
    if wanted.state in {"failed", "waiting"}:
        states = ("failed",) if wanted.state == "failed" else _AT_WORK
        query = _columns(JobRow).select_from(JobRow).outerjoin(DocumentRow, same).where(JobRow.state.in_(states))
        return query.where(*_of(JobRow.source, sources, uploads), *_named(wanted, JobRow.key))
    query = _columns(DocumentRow).select_from(DocumentRow).outerjoin(JobRow, same)
    if wanted.state == "flagged":
        query = query.where(DocumentRow.flagged)
    elif wanted.state == "current":
        query = query.where(JobRow.id.is_(None))
    return query.where(*_of(DocumentRow.source, sources, uploads), *_named(wanted, DocumentRow.key))


def _columns(named: Any) -> Select[Any]:
    """Return the selection of both rows, with the names that the one which is surely there has."""
    columns: tuple[Any, ...] = (DocumentRow, JobRow, named.source.label("source"), named.key.label("key"))
    return select(*columns)


def _of(column: Any, sources: Sequence[str] | None, uploads: bool) -> Iterable[ColumnElement[bool]]:
    if sources is not None:
        yield column.in_(list(sources))
    if not uploads:
        yield column.not_in(select(SourceRow.name).where(SourceRow.kind == UPLOADS))


def _named(wanted: Wanted, key: Any) -> Iterable[ColumnElement[bool]]:
    if wanted.query:
        folded = wanted.query.lower()
        tried = [func.lower(column).contains(folded, autoescape=True) for column in (DocumentRow.title, key)]
        if not wanted.query.isascii():  # SQLite's `lower` leaves such letters as they are
            tried += [column.contains(wanted.query, autoescape=True) for column in (DocumentRow.title, key)]
        yield or_(*tried)
    if wanted.media_types:
        yield DocumentRow.media_type.in_(list(wanted.media_types))


def _record(row: Any) -> InventoryRecord:
    document, job = row[0], row[1]
    work = None
    if job is not None:
        failed = job.state == "failed"
        work = Work(job.state, job.action)
        if failed:
            work = Work(
                job.state, job.action, job.error, job.code, job.failures or 0, job.not_before, bool(job.ignored)
            )
    return InventoryRecord(
        row.source,
        row.key,
        None if document is None else info_of(document),
        0.0 if document is None else document.updated_at,
        document is not None and bool(document.access_from_source),
        "" if document is None else document.parent or "",
        work,
    )
