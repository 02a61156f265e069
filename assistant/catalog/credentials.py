"""The catalog's passwords, as hashes, and how many wrong ones came in a row."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import select, update

from assistant.catalog.database import Database
from assistant.catalog.models_people import PersonRow
from assistant.catalog.people import ERASED, ERASING, PersonRecord, person_of
from assistant.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Credential:
    """What a person's password is checked with; `locked`: it is not to be checked now, whatever it is."""

    person: PersonRecord
    hashed: str
    locked: bool


class Credentials:
    """Reads and changes the columns of people that hold passwords. It checks no rights: `access.SignInDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def trying(self, person_id: str, most: int, seconds: float, longest: float) -> Credential | None:
        """Return what a password is to be checked with, and count a wrong one: `set_right` takes it back.

        It is counted before it is checked, so that many requests at once get no more tries than one after the other.

        Args:
            person_id: who signs in, in capitals or not; None is returned where there is nobody.
            most: so many wrong ones in a row lock the account, and again so many.
            seconds: for how long it is locked the first time; each further time for twice as long.
            longest: but no longer than this.
        """
        now = time.time()
        query = select(PersonRow).where(PersonRow.folded == person_id.casefold()).with_for_update()
        with self._database.write() as session:
            row = session.scalars(query).one_or_none()
            if row is None:
                return None
            locked = row.locked_until > now
            if not locked:
                row.failures += 1
                if row.failures % most == 0:
                    row.locked_until = now + min(longest, seconds * 2 ** min(row.failures // most - 1, 20))
            return Credential(person_of(session, row), row.password, locked)

    def set_right(self, person_id: str, hashed: str, rehashed: str | None = None) -> bool:
        """Forget the wrong passwords of a person.

        Args:
            person_id: whose.
            hashed: the hash that the right one was checked with.
            rehashed: the one in its place; None: it stays.

        Returns:
            False where the password is another by now: nothing is done then.
        """
        values = {"failures": 0, "locked_until": 0.0, **({} if rehashed is None else {"password": rehashed})}
        with self._database.write() as session:
            same = update(PersonRow).where(PersonRow.id == person_id, PersonRow.password == hashed)
            return session.execute(same.values(values).returning(PersonRow.id)).first() is not None

    def set_password(self, person_id: str, hashed: str, *, must_change: bool) -> None:
        """Give the person another password, empty for none, and unlock the account.

        Raises:
            NotFoundError: there is no such person, or none any more.
        """
        values = {"password": hashed, "must_change_password": must_change, "failures": 0, "locked_until": 0.0}
        there = PersonRow.id == person_id, PersonRow.origin.not_in((ERASING, ERASED))
        change = update(PersonRow).where(*there).values(values).returning(PersonRow.id)
        with self._database.write() as session:
            if session.execute(change).first() is None:
                raise NotFoundError(f"there is no person {person_id!r}", "see `assistant users list`")
