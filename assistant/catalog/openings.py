"""The catalog's documents that somebody opened for a while by a break-glass act."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.inside import below
from assistant.catalog.models import DocumentRow, GrantRow
from assistant.catalog.models_people import OpeningRow
from assistant.errors import NotFoundError
from assistant.types import User
from assistant.types.access import WITHDRAWN


@dataclass(frozen=True, slots=True)
class OpeningRecord:
    """A document that a person opened for a while, with its members; times are seconds since the epoch.

    Attributes:
        id: of the opening.
        person: the id of whom it is open to.
        document: the id of the document.
        source, key: the document's.
        reason: why, in the person's words.
        created_at, expires_at: from when until when.
        ended_at: when it was ended before its time; None: it was not.
    """

    id: str
    person: str
    document: str
    source: str
    key: str
    reason: str
    created_at: float
    expires_at: float
    ended_at: float | None = None

    def is_open(self, now: float) -> bool:
        """Return whether it holds at that moment."""
        return self.ended_at is None and now < self.expires_at


class Openings:
    """Reads and changes the table of openings, of which nothing is deleted but with the person. It checks no rights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: str, document: str, source: str, key: str, reason: str, seconds: float) -> OpeningRecord:
        """Open a document to a person from now on, for so long."""
        now = time.time()
        row = OpeningRow(
            id=str(uuid.uuid4()),
            person_id=person,
            document_id=document,
            source=source,
            key=key,
            reason=reason,
            created_at=now,
            expires_at=now + seconds,
        )
        with self._database.write() as session:
            session.add(row)
        return _opening(row)

    def get(self, opening: str) -> OpeningRecord:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            return _opening(_found(session, opening))

    def end(self, opening: str) -> OpeningRecord:
        """End one now; one that has ended stays as it is. Raises NotFoundError."""
        now = time.time()
        with self._database.write() as session:
            row = _found(session, opening)
            if row.ended_at is None and now < row.expires_at:
                row.ended_at = now
            return _opening(row)

    def page(self, *, open_only: bool = False, limit: int = 100, offset: int = 0) -> tuple[list[OpeningRecord], int]:
        """Return a stretch of the openings, the newest first, and how many there are."""
        wanted = _open(time.time()) if open_only else ()
        query = select(OpeningRow).where(*wanted).order_by(OpeningRow.created_at.desc(), OpeningRow.id)
        with self._database.read() as session:
            found = [_opening(row) for row in session.scalars(query.limit(limit).offset(offset))]
            return found, session.scalar(select(func.count()).select_from(OpeningRow).where(*wanted)) or 0

    def open_to(self, person: str) -> list[tuple[OpeningRecord, frozenset[str]]]:
        """Return what is open to a person now, each with the ids of the document and of all that is in it."""
        with self._database.read() as session:
            rows = _rows(session, person, time.time())
            return [(_opening(row), frozenset({row.document_id, *below(session, [row.document_id])})) for row in rows]


def opened_by(session: Session, person: str, now: float) -> frozenset[str]:
    """Return the ids of the documents that are open to a person at that moment, and of their members."""
    ids = [row.document_id for row in _rows(session, person, now)]
    return frozenset({*ids, *below(session, ids)}) if ids else frozenset()


def still_open(user: User) -> ColumnElement[bool]:
    """Return the condition for documents that are open to the user: as in `types.may_read`, not for withdrawn ones."""
    denied = exists().where(
        GrantRow.document_id == DocumentRow.id, GrantRow.principal == WITHDRAWN, GrantRow.allowed.is_(False)
    )
    return and_(DocumentRow.id.in_(sorted(user.opened)), ~denied)


def _rows(session: Session, person: str, now: float) -> list[OpeningRow]:
    return list(session.scalars(select(OpeningRow).where(OpeningRow.person_id == person, *_open(now))))


def _open(now: float) -> tuple[ColumnElement[bool], ...]:
    return OpeningRow.expires_at > now, OpeningRow.ended_at.is_(None)


def _found(session: Session, opening: str) -> OpeningRow:
    row = session.get(OpeningRow, opening)
    if row is None:
        raise NotFoundError(f"there is no opening with the id {opening!r}", "see `assistant openings list`")
    return row


def _opening(row: OpeningRow) -> OpeningRecord:
    return OpeningRecord(
        id=row.id,
        person=row.person_id,
        document=row.document_id,
        source=row.source,
        key=row.key,
        reason=row.reason,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
