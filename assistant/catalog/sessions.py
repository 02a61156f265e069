"""The catalog's sign-ins in browsers: one row each, known by a digest."""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models_people import PersonRow, SessionRow
from assistant.catalog.people import PersonRecord, person_of
from assistant.errors import NotFoundError

Way = Literal["password", "oidc"]

_MINUTE = 60.0
_KEPT = 7 * 86_400.0  # that ended sessions can be looked at
_ADDRESS, _AGENT = 100, 300  # characters


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A sign-in in one browser, without what it signs in with. Times are seconds since the epoch.

    Attributes:
        id: its id, which is no secret.
        person: whose.
        way: how the person signed in: password or oidc.
        address, agent: from where, and with which program, as that says of itself.
        created_at, expires_at: from when until when it is good at most.
        used_at: the minute in which it was used last.
        rotated_at: since when it has the secret that it has.
        ended_at: when it was ended.
    """

    id: str
    person: str
    way: str
    address: str
    agent: str
    created_at: float
    expires_at: float
    used_at: float
    rotated_at: float
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session with its person, both as they are now; `former`: it was found by the secret before its last one."""

    session: SessionRecord
    person: PersonRecord
    former: bool


class Sessions:
    """Reads and changes the table of sessions. It checks no rights: `access.SignInDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        person_id: str,
        digest: str,
        way: Way,
        address: str,
        agent: str,
        seconds: float,
        most: int,
        password: str | None = None,
    ) -> SessionRecord | None:
        """Record a sign-in; the oldest of the person end where there would be more than `most`.

        Args:
            person_id: whose.
            digest: of what the browser holds.
            way: how the person signed in.
            address, agent: from where and with which program; cut where they are long.
            seconds: for how long it is good at most.
            most: how many a person has at once.
            password: the hash that the person is to have still; None: whatever it is.

        Returns:
            it; None where the password is another by now.
        """
        now = time.time()
        row = SessionRow(
            id=str(uuid.uuid4()),
            person_id=person_id,
            digest=digest,
            rotated_at=now,
            way=way,
            address=address[:_ADDRESS],
            agent=agent[:_AGENT],
            created_at=now,
            used_at=now,
            expires_at=now + seconds,
        )
        with self._database.write() as session:
            kept = select(PersonRow.password).where(PersonRow.id == person_id).with_for_update()
            if password is not None and session.scalar(kept) != password:
                return None
            _make_room(session, person_id, now, most)
            session.add(row)
        return _session(row)

    def by_digest(self, digest: str) -> FoundSession | None:
        """Return the session of that digest, or of the one before, with its person."""
        with self._database.read() as session:
            query = select(SessionRow, PersonRow).join(PersonRow, PersonRow.id == SessionRow.person_id)
            found = session.execute(
                query.where(or_(SessionRow.digest == digest, SessionRow.former == digest))
            ).one_or_none()
            if found is None:
                return None
            row, person = found
            former = not hmac.compare_digest(row.digest, digest)
            return FoundSession(_session(row), person_of(session, person), former)

    def rotate(self, session_id: str, digest: str, before: str) -> bool:
        """Give a session another secret; return False where another request did so since `before` was looked up.

        Args:
            session_id: which.
            digest: of what the browser is to hold from now on.
            before: the digest that it has.
        """
        change = (
            update(SessionRow)
            .where(SessionRow.id == session_id, SessionRow.digest == before, SessionRow.ended_at.is_(None))
            .values(digest=digest, former=before, rotated_at=time.time())
            .returning(SessionRow.id)
        )
        with self._database.write() as session:
            return session.execute(change).first() is not None

    def note_use(self, record: SessionRecord, now: float) -> None:
        """Keep the minute in which the session was used; within the minute that is kept, nothing is written."""
        if now - record.used_at < _MINUTE:
            return
        with self._database.write() as session:
            session.execute(update(SessionRow).where(SessionRow.id == record.id).values(used_at=now - now % _MINUTE))

    def of_person(self, person_id: str, idle_seconds: float) -> list[SessionRecord]:
        """Return the sessions of a person that are good now, the last used first.

        Args:
            person_id: whose.
            idle_seconds: for how long one may be left alone.
        """
        now = time.time()
        query = select(SessionRow).where(SessionRow.person_id == person_id, *_open(now))
        with self._database.read() as session:
            rows = session.scalars(query.where(SessionRow.used_at > now - idle_seconds).order_by(SessionRow.used_at))
            return [_session(row) for row in rows][::-1]

    def get(self, session_id: str) -> SessionRecord:
        """Return a session, ended or not. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(SessionRow, session_id)
            if row is None:
                raise NotFoundError(f"there is no session with the id {session_id!r}", "see GET /api/sessions")
            return _session(row)

    def end(self, session_ids: Iterable[str]) -> int:
        """End sessions; return how many were open."""
        return self._end(SessionRow.id.in_(list(session_ids)))

    def end_all(self, person_id: str, but: str = "") -> int:
        """End the sessions of a person, `but` one of this id; return how many were open."""
        return self._end(SessionRow.person_id == person_id, SessionRow.id != but)

    def prune(self) -> int:
        """Remove what ended, or ran out, a week ago, also of people who never sign in again; return how many."""
        with self._database.write() as session:
            return len(session.execute(delete(SessionRow).where(_over(time.time())).returning(SessionRow.id)).all())

    def _end(self, *which: ColumnElement[bool]) -> int:
        now = time.time()
        change = update(SessionRow).where(*which, *_open(now)).values(ended_at=now).returning(SessionRow.id)
        with self._database.write() as session:
            return len(session.execute(change).all())


def _make_room(session: Session, person_id: str, now: float, most: int) -> None:
    """Forget the person's old sessions, and end the oldest where there would be more than `most` with one more."""
    mine = SessionRow.person_id == person_id
    session.execute(delete(SessionRow).where(mine, _over(now)))
    open_ones = select(SessionRow.id).where(mine, *_open(now)).order_by(SessionRow.used_at.desc())
    surplus = list(session.scalars(open_ones.offset(most - 1)))
    session.execute(update(SessionRow).where(SessionRow.id.in_(surplus)).values(ended_at=now))


def _over(now: float) -> ColumnElement[bool]:
    return or_(SessionRow.expires_at < now - _KEPT, SessionRow.ended_at < now - _KEPT)


def _open(now: float) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return SessionRow.ended_at.is_(None), SessionRow.expires_at > now


def _session(row: SessionRow) -> SessionRecord:
    return SessionRecord(
        id=row.id,
        person=row.person_id,
        way=row.way,
        address=row.address,
        agent=row.agent,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        rotated_at=row.rotated_at,
        ended_at=row.ended_at,
    )
