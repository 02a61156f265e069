"""The catalog's people, and the tokens that programs sign in with for them."""

from __future__ import annotations

import hmac
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.groups import closed
from assistant.catalog.models_people import AccessTokenRow, OpeningRow, PersonRow
from assistant.errors import ConfigurationError, NotFoundError, NotSignedInError
from assistant.types import Role, User

EVERYBODY = "everyone"  # the group that each person is in
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody who may sign in.

    Attributes:
        id: as readers name the person, `user:ID`.
        name: as people call the person; may be empty.
        groups: those given here, sorted, without `everyone`.
        role: employee, curator, admin or auditor.
        disabled: whether nothing signs the person in.
        created_at: when, in seconds since the epoch.
        user: the person as one who asks, with groups in groups and opened documents as they are at this moment.
        email: empty: none is known.
        provided_groups: those that the identity provider says, sorted.
        origin: local, oidc or scim: who made the account.
        external_id: as the identity provider knows the person.
        has_password: whether a password is set.
        must_change_password: whether the password only signs in to be changed.
        locked_until: until when no password signs in, as too many were wrong; in seconds since the epoch.
    """

    id: str
    name: str
    groups: tuple[str, ...]
    role: Role
    disabled: bool
    created_at: float
    user: User
    email: str = ""
    provided_groups: tuple[str, ...] = ()
    origin: str = "local"
    external_id: str | None = None
    has_password: bool = False
    must_change_password: bool = False
    locked_until: float = 0.0

    @property
    def curates(self) -> tuple[str, ...]:
        """The sources that a curator looks after, sorted."""
        return tuple(sorted(self.user.curates))


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token, without what it signs in with. Times are seconds since the epoch.

    Attributes:
        id: its id, which is no secret.
        person: the id of the person that it is for.
        name: what it is for; may be empty.
        scopes: what it may be used for.
        created_at, expires_at: from when until when it is good.
        used_at: the minute in which it was used last.
        revoked_at: when it was taken back.
    """

    id: str
    person: str
    name: str
    scopes: tuple[str, ...]
    created_at: float
    expires_at: float
    used_at: float | None = None
    revoked_at: float | None = None


class People:
    """Reads and changes the tables of people and tokens. It checks no rights: `access.PeopleDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person_id: str, name: str, groups: Iterable[str], role: Role) -> PersonRecord:
        """Record a person. Raises ConfigurationError where one has that id, in capitals or not."""
        row = PersonRow(
            id=person_id,
            folded=person_id.casefold(),
            name=name,
            groups=sorted({*groups} - {EVERYBODY}),
            role=role,
            disabled=False,
            created_at=time.time(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigurationError(
                f"there is a person {person_id!r} already, in capitals or not", "choose another id"
            ) from None
        return self.get(person_id)

    def all(self) -> list[PersonRecord]:
        """Return all people by id."""
        with self._database.read() as session:
            return [person_of(session, row) for row in session.scalars(select(PersonRow).order_by(PersonRow.id))]

    def get(self, person_id: str) -> PersonRecord:
        """Return the person. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(PersonRow, person_id)
            if row is None:
                raise _no_person(person_id)
            return person_of(session, row)

    def now(self, user: User) -> User:
        """Return the user as the person is at this moment; whoever is no person here, as the operator, as given.

        Raises NotSignedInError where the account is disabled.
        """
        if user.reads_everything:
            return user
        with self._database.read() as session:
            row = session.get(PersonRow, user.id)
            if row is None:
                return user
            if row.disabled:
                raise NotSignedInError("the account is disabled", "ask an admin")
            return person_of(session, row).user

    def regroup(self, person_id: str, change: Callable[[frozenset[str]], Iterable[str]]) -> PersonRecord:
        """Give the person the groups that `change` makes of those before. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(PersonRow, person_id, with_for_update=True)
            if row is None:
                raise _no_person(person_id)
            row.groups = sorted({*change(frozenset(row.groups))} - {EVERYBODY})
            return person_of(session, row)

    def change(self, person_id: str, **values: object) -> PersonRecord:
        """Give columns of the person these values, as `models_people.PersonRow` names them. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(PersonRow, person_id, with_for_update=True)
            if row is None:
                raise _no_person(person_id)
            for column, value in values.items():
                setattr(row, column, value)
            session.flush()
            return person_of(session, row)

    def disable(self, person_id: str, disabled: bool) -> PersonRecord:
        """Say whether the person is disabled. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(PersonRow, person_id, with_for_update=True)
            if row is None:
                raise _no_person(person_id)
            row.disabled = disabled
            return person_of(session, row)

    def add_token(
        self, person_id: str, name: str, scopes: Iterable[str], digest: str, expires_at: float
    ) -> TokenRecord:
        """Record a token by its digest. Raises NotFoundError where there is no such person."""
        self.get(person_id)
        row = AccessTokenRow(
            id=str(uuid.uuid4()),
            person_id=person_id,
            name=name,
            digest=digest,
            scopes=sorted(set(scopes)),
            created_at=time.time(),
            expires_at=expires_at,
        )
        with self._database.write() as session:
            session.add(row)
        return _token(row)

    def tokens(self, person_id: str | None = None) -> list[TokenRecord]:
        """Return the tokens of a person, or of all, oldest first. Raises NotFoundError for one who is not there."""
        query = select(AccessTokenRow).order_by(AccessTokenRow.created_at, AccessTokenRow.id)
        if person_id is not None:
            self.get(person_id)
            query = query.where(AccessTokenRow.person_id == person_id)
        with self._database.read() as session:
            return [_token(row) for row in session.scalars(query)]

    def by_digest(self, digest: str) -> tuple[TokenRecord, PersonRecord] | None:
        """Return the token of that digest with its person, both as they are now."""
        query = select(AccessTokenRow, PersonRow).join(PersonRow, PersonRow.id == AccessTokenRow.person_id)
        with self._database.read() as session:
            found = session.execute(query.where(AccessTokenRow.digest == digest)).one_or_none()
            if found is None or not hmac.compare_digest(found[0].digest, digest):
                return None
            return _token(found[0]), person_of(session, found[1])

    def token(self, token_id: str) -> TokenRecord:
        """Return the token of that id. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(AccessTokenRow, token_id)
            if row is None:
                raise _no_token(token_id)
            return _token(row)

    def revoke(self, token_id: str) -> TokenRecord:
        """Take the token back; it is no error that it was already. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(AccessTokenRow, token_id, with_for_update=True)
            if row is None:
                raise _no_token(token_id)
            row.revoked_at = row.revoked_at or time.time()
            return _token(row)

    def note_use(self, token: TokenRecord, now: float) -> None:
        """Keep the minute in which the token was used; within the minute that is kept, nothing is written."""
        minute = now - now % _MINUTE
        if token.used_at == minute:
            return
        with self._database.write() as session:
            session.execute(update(AccessTokenRow).where(AccessTokenRow.id == token.id).values(used_at=minute))


def person_of(session: Session, row: PersonRow) -> PersonRecord:
    """Return the person, with what holds at this moment."""
    role = cast(Role, row.role)
    now = time.time()
    opened = select(OpeningRow.document_id).where(
        OpeningRow.person_id == row.id, OpeningRow.expires_at > now, OpeningRow.ended_at.is_(None)
    )
    user = User(
        row.id,
        closed(session, {EVERYBODY, *row.groups, *row.provided_groups}),
        role,
        frozenset(row.curates) if role == "curator" else frozenset(),
        frozenset(session.scalars(opened)),
    )
    return PersonRecord(
        id=row.id,
        name=row.name,
        groups=tuple(row.groups),
        role=role,
        disabled=row.disabled,
        created_at=row.created_at,
        user=user,
        email=row.email,
        provided_groups=tuple(sorted(row.provided_groups)),
        origin=row.origin,
        external_id=row.external_id,
        has_password=bool(row.password),
        must_change_password=row.must_change_password,
        locked_until=row.locked_until,
    )


def _token(row: AccessTokenRow) -> TokenRecord:
    return TokenRecord(
        id=row.id,
        person=row.person_id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )


def _no_person(person_id: str) -> NotFoundError:
    return NotFoundError(f"there is no person {person_id!r}", "see `assistant users list`")


def _no_token(token_id: str) -> NotFoundError:
    return NotFoundError(f"there is no token with the id {token_id!r}", "see `assistant tokens list`")
