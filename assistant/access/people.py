"""Who signs in, and as whom: people, their groups, and the tokens of their programs."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.access.roles import SCOPES, Scope, check_curated, check_role, check_scopes, must_manage, must_not_be_own
from assistant.catalog import NOBODY, SYSTEM, Catalog, PersonRecord, TokenRecord
from assistant.catalog.people import EVERYBODY
from assistant.errors import (
    AccessDeniedError,
    ConfigurationError,
    NotFoundError,
    NotSignedInError,
    StorageError,
)
from assistant.types import Role, User

log = logging.getLogger(__name__)

USUAL: tuple[Scope, ...] = ("read", "ask")
DAYS, MOST_DAYS = 90, 3650

_DAY = 86_400.0
_BYTES = 32
_TOKEN = re.compile(r"ast_[A-Za-z0-9_-]{43}")
RESERVED = frozenset({"operator", "command-line", SYSTEM, NOBODY})  # whom the command line reads as, and the audit log
_MANAGING = "manage people and the tokens of others"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is signed in for one request, and what for.

    Attributes:
        user: the person, as it is at this moment.
        scopes: what the token is for; None: for everything, as there is none.
        token: the token's id; empty: none was brought.
        session: the session's id; empty: none was brought.
        must_change_password: whether the session is only for changing the password.
    """

    user: User
    scopes: frozenset[str] | None = None
    token: str = ""
    session: str = ""
    must_change_password: bool = False

    def may(self, scope: Scope) -> User:
        """Return the user. Raises AccessDeniedError where the token is not for this."""
        if self.scopes is not None and scope not in self.scopes:
            raise AccessDeniedError(
                f"this token is not for {scope!r}, only for: {', '.join(sorted(self.scopes))}",
                f"ask an admin for one with the scope {scope!r}",
            )
        return self.user


class PeopleDesk:
    """Looks after people and tokens, for those who may, and signs people in.

    Args:
        catalog: keeps them.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._people, self._sessions = catalog.people, catalog.sessions
        self._sources = catalog.sources

    def add(
        self,
        person_id: str,
        name: str,
        groups: Iterable[str],
        role: Role,
        by: User,
        *,
        curates: Iterable[str] = (),
    ) -> PersonRecord:
        """Add a person; `curates` are the sources that a curator looks after.

        Raises:
            AccessDeniedError: `by` is no admin.
            NotFoundError: there is no such source.
            ConfigurationError: the id is taken, reserved, or no id; a group's or the person's name is none; no role.
        """
        must_manage(by, _MANAGING)
        check_id(person_id)
        if name:
            must_be_name("the name", name)
        check_role(role)
        named = check_curated(role, curates, self._sources)
        added = self._people.add(person_id, name, check_groups(groups), role)
        return self._people.change(person_id, curates=list(named)) if named else added

    def set_role(self, person_id: str, role: Role, by: User, *, curates: Iterable[str] | None = None) -> PersonRecord:
        """Give a person another role, from the next request on.

        Args:
            person_id: whose.
            role: one of ROLES.
            by: an admin, and another than the person; only the operator at the command line takes the last admin's.
            curates: the sources that a curator looks after, in place of those before; None: those stay.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the own role, or that of the last admin.
            NotFoundError: there is no such person, or no such source.
            ConfigurationError: there is no such role, or it looks after no sources.
        """
        must_manage(by, _MANAGING)
        must_not_be_own(person_id, by, "role")
        check_role(role)
        named = None if curates is None else check_curated(role, curates, self._sources)
        return self._people.set_role(person_id, role, named, keep_an_admin=not by.reads_everything)

    def all(self, by: User) -> list[PersonRecord]:
        """Return all people by id. Raises AccessDeniedError."""
        must_manage(by, _MANAGING)
        return self._people.all()

    def regroup(
        self,
        person_id: str,
        by: User,
        *,
        become: Iterable[str] | None = None,
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> PersonRecord:
        """Change a person's groups, from the next request on.

        Args:
            person_id: whose.
            by: who does it.
            become: the groups in place of those before; None: those stay.
            add: groups that come to them.
            remove: groups that go, last.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the own account: admins open nothing to themselves so.
            NotFoundError: there is no such person.
            ConfigurationError: the name of a group is none, or everybody's group is to go.
        """
        must_manage(by, _MANAGING)
        must_not_be_own(person_id, by, "groups")
        given, come, go = (None if become is None else check_groups(become)), check_groups(add), check_groups(remove)
        if EVERYBODY in go:
            raise ConfigurationError(
                f"everybody is in the group {EVERYBODY!r}", f"to keep {person_id} out, disable the account"
            )
        return self._people.regroup(person_id, lambda before: ((before if given is None else given) | come) - go)

    def disable(self, person_id: str, by: User, *, disabled: bool) -> PersonRecord:
        """Switch a person off or on again, from the next request on; off, all sessions end.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the last admin, whom only the operator disables.
            NotFoundError: there is no such person.
        """
        must_manage(by, _MANAGING)
        changed = self._people.disable(person_id, disabled, keep_an_admin=not by.reads_everything)
        if disabled:
            self._sessions.end_all(person_id)
        return changed

    def add_token(
        self, person_id: str, by: User, *, name: str = "", scopes: Sequence[str] = USUAL, days: int = DAYS
    ) -> tuple[str, TokenRecord]:
        """Make a token for a person.

        Args:
            person_id: for whom.
            by: the person, or the operator at the machine: an admin would read as the person with it.
            name: what it is for.
            scopes: what it may be used for, of SCOPES; no more than the person's role allows.
            days: for how long it is good.

        Returns:
            the token, which is kept nowhere, and what is known of it.

        Raises:
            AccessDeniedError: `by` is neither.
            NotFoundError: there is no such person.
            ConfigurationError: the name, a scope or the days are wrong, or a scope is not for the person's role.
        """
        if by.id != person_id and not by.reads_everything:
            raise AccessDeniedError("people make their own tokens, or the operator does", "sign in as the person")
        if name:
            must_be_name("the name", name)
        if not scopes or set(scopes) - set(SCOPES):
            raise ConfigurationError(
                f"no such scopes: {', '.join(scopes) or 'none is named'}", f"choose of: {', '.join(SCOPES)}"
            )
        if not 1 <= days <= MOST_DAYS:
            raise ConfigurationError(f"a token is not good for {days} days", f"choose 1 to {MOST_DAYS}")
        check_scopes(self._people.get(person_id).role, scopes)
        token = f"ast_{secrets.token_urlsafe(_BYTES)}"
        return token, self._people.add_token(person_id, name, scopes, _digest(token), time.time() + days * _DAY)

    def tokens(self, by: User, person_id: str | None = None) -> list[TokenRecord]:
        """Return the tokens of a person, or of all, oldest first. Raises AccessDeniedError, NotFoundError."""
        must_manage(by, _MANAGING, person_id)
        return self._people.tokens(person_id)

    def revoke(self, token: str, by: User) -> TokenRecord:
        """Take a token back, from the next request on.

        Args:
            token: its id; or the token itself, as whoever found a leaked one has nothing else.
            by: an admin, or the person that it is for.

        Raises:
            NotFoundError: there is none, or none that `by` may know of.
            AccessDeniedError: it is another's, and `by` is no admin.
        """
        if token.startswith("ast_"):
            found = self._found(token)
            if found is None:  # it is not shown again
                raise NotFoundError("there is no such token", "see `assistant tokens list`")
            record = found[0]
        else:
            record = self._people.token(token)
        must_manage(by, _MANAGING, record.person)
        return self._people.revoke(record.id)

    def sign_in(self, token: str) -> Caller:
        """Return who calls with the token, as that person is at this moment.

        Why a token that once was good is not so any more is told: whoever says so holds it.

        Raises:
            NotSignedInError: it is unknown, expired or revoked, or its person is disabled.
            CatalogUnavailableError: the catalog does not answer.
        """
        found = self._found(token)
        if found is None:
            raise NotSignedInError("the token is unknown", "ask an admin for a token")
        record, person = found
        now = time.time()
        if record.revoked_at is not None:
            raise NotSignedInError("the token was revoked", "ask an admin for another token")
        if now >= record.expires_at:
            raise NotSignedInError("the token has expired", "ask an admin for another token")
        if person.disabled:
            raise NotSignedInError("the account of this token is disabled", "ask an admin")
        try:
            self._people.note_use(record, now)
        except StorageError as error:  # a long write is at work, or the disk is full: people may go on to read
            log.warning("when the token %s was used is not kept: %s", record.id, error)
        return Caller(person.user, frozenset(record.scopes), token=record.id)

    def _found(self, token: str) -> tuple[TokenRecord, PersonRecord] | None:
        return self._people.by_digest(_digest(token)) if _TOKEN.fullmatch(token) else None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def check_id(person_id: str) -> None:
    """Raise ConfigurationError where a person cannot have this id."""
    must_be_name("the id", person_id)
    if person_id.casefold() in RESERVED or "," in person_id:
        why = "holds a comma" if "," in person_id else "is the command line's own"
        raise ConfigurationError(f"the id {person_id!r} {why}", "choose another id")


def check_groups(names: Iterable[str]) -> frozenset[str]:
    """Return the groups' names. Raises ConfigurationError where one is none."""
    groups = frozenset(names)
    for name in groups:
        must_be_name("the group", name)
        if name.startswith(("user:", "group:")) or "," in name:
            raise ConfigurationError(f"{name!r} is no name of a group", "give the plain name, such as sales")
    return groups


def must_be_name(what: str, name: str) -> None:
    """Raise ConfigurationError where a name cannot be used, naming `what` it is."""
    if not name or name != name.strip() or not name.isprintable() or len(name) > _LONGEST:
        raise ConfigurationError(
            f"{what} {name[:_LONGEST]!r} cannot be used", f"1 to {_LONGEST} printable characters, no blank at the ends"
        )
