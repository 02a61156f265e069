"""Signs people in, and keeps their sessions: what their browsers hold in a cookie."""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import time
from dataclasses import dataclass

from assistant.access.identities import Identity, IdentityDesk
from assistant.access.passwords import Passwords, generated, must_be_good
from assistant.access.people import Caller
from assistant.access.roles import must_manage
from assistant.catalog import Catalog, FoundSession, PersonRecord, SessionRecord, Way
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, NotSignedInError, StorageError
from assistant.types import User

log = logging.getLogger(__name__)

MOST_SESSIONS = 20  # of a person
FORMER_SECONDS = 60.0  # that the secret before a rotation is still good: requests may be under way with it
ROTATE_SECONDS = 3600.0
_WRONG, _LOCK_SECONDS, _LONGEST_LOCK = 10, 15 * 60.0, 24 * 3600.0
_MANAGING = "manage people and the sessions of others"
_BYTES = 32
_SESSION = re.compile(r"ses_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Where:
    """From where somebody signs in: the network address, and what the browser says that it is."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A sign-in: `secret` is what the browser holds, and is kept nowhere."""

    secret: str
    session: SessionRecord
    person: PersonRecord


class SignInDesk:
    """See the module.

    Args:
        catalog: keeps people and sessions.
        identities: knows whom the identity provider has recognised; default: as it is made with nothing said.
        hours: for how long a session is good at most.
        idle_minutes: for how long it may be left alone.
        by_password: whether passwords sign in.
        passwords: hashes and checks them.
    """

    def __init__(
        self,
        catalog: Catalog,
        identities: IdentityDesk | None = None,
        *,
        hours: float = 12,
        idle_minutes: float = 120,
        by_password: bool = True,
        passwords: Passwords | None = None,
    ) -> None:
        self._people, self._credentials, self._sessions = catalog.people, catalog.credentials, catalog.sessions
        self._identities = identities or IdentityDesk(catalog)
        self._seconds, self._idle_seconds = hours * 3600, idle_minutes * 60
        self._by_password = by_password
        self._passwords = passwords or Passwords()

    def with_password(self, person_id: str, password: str, where: Where) -> NewSession:
        """Sign a person in.

        What is wrong is not told: nobody learns here who has an account, or that one is locked.

        Raises:
            NotSignedInError: the id or the password is wrong, or the account is disabled or locked.
            AccessDeniedError: passwords are switched off.
            TooManyAttemptsError: too many people sign in at this moment.
        """
        person, hashed = self._checked(person_id, password)
        return self._opened(person, "password", where, hashed)

    def with_identity(self, identity: Identity, where: Where) -> NewSession:
        """Sign in whom the identity provider has recognised. Raises what `IdentityDesk.recognise` raises."""
        return self.known(self._identities.recognise(identity), "oidc", where)

    def known(self, person: PersonRecord, way: Way, where: Where) -> NewSession:
        """Sign in a person who is recognised already. Raises NotSignedInError: the account is disabled."""
        if person.disabled:
            raise NotSignedInError(f"the account {person.id} is disabled", "ask an admin")
        return self._opened(person, way, where)

    def change_password(self, person_id: str, old: str, new: str, where: Where) -> NewSession:
        """Give a person another password; all sessions end, and a new one begins.

        Raises:
            NotSignedInError: the old password is wrong, or the account is disabled or locked.
            ConfigurationError: the new one is not taken.
            AccessDeniedError, TooManyAttemptsError: as in `with_password`.
        """
        person, _ = self._checked(person_id, old)
        if new == old:
            raise ConfigurationError("the new password is the old one", "choose another")
        must_be_good(new, person.id, person.name, person.email)
        self._credentials.set_password(person.id, self._passwords.hashed(new), must_change=False)
        self._sessions.end_all(person.id)
        return self._opened(self._people.get(person.id), "password", where)

    def reset_password(self, person_id: str, by: User, new: str | None = None) -> str:
        """Give a person a password that only signs in to be changed; all sessions end, and the account is unlocked.

        Args:
            person_id: whose.
            by: an admin.
            new: the password; None: one is made.

        Returns:
            the password.

        Raises:
            AccessDeniedError: `by` is no admin, or passwords are switched off.
            NotFoundError: there is no such person.
            ConfigurationError: the password is not taken, or the person signs in at the identity provider.
        """
        must_manage(by, _MANAGING)
        self._must_be_on()
        person = self._people.get(person_id)
        if person.origin == "oidc":
            raise ConfigurationError(f"{person_id} signs in at the identity provider", "the password is changed there")
        if new is not None:
            must_be_good(new, person.id, person.name, person.email)
        password = new or generated()
        self._credentials.set_password(person_id, self._passwords.hashed(password), must_change=True)
        self._sessions.end_all(person_id)
        return password

    def caller(self, secret: str) -> Caller:
        """Return who calls with a session, as that person is at this moment.

        Raises:
            NotSignedInError: the session is unknown, or has ended, or its person is disabled.
            CatalogUnavailableError: the catalog does not answer.
        """
        found = self._found(secret)
        try:
            self._sessions.note_use(found.session, time.time())
        except StorageError as error:  # a long write is at work, or the disk is full: people may go on to read
            log.warning("when the session %s was used is not kept: %s", found.session.id, error)
        person = found.person
        return Caller(
            person.user,
            session=found.session.id,
            must_change_password=person.must_change_password and found.session.way == "password",
        )

    def renewed(self, secret: str) -> str:
        """Return the secret to hold from now on: another one where this one is older than an hour, else the same.

        Raises:
            NotSignedInError: as in `caller`.
        """
        found = self._found(secret)
        if found.former or time.time() - found.session.rotated_at < ROTATE_SECONDS:
            return secret
        fresh = _secret()
        rotated = self._sessions.rotate(found.session.id, _digest(fresh), _digest(secret))
        return fresh if rotated else secret

    def sign_out(self, secret: str) -> SessionRecord | None:
        """End the session of that secret; return it, None where there is none."""
        try:
            found = self._found(secret)
        except NotSignedInError:
            return None
        self._sessions.end([found.session.id])
        return found.session

    def sessions(self, person_id: str, by: User) -> list[SessionRecord]:
        """Return a person's good sessions, the last used first. Raises AccessDeniedError, NotFoundError."""
        must_manage(by, _MANAGING, person_id)
        self._people.get(person_id)
        return self._sessions.of_person(person_id, self._idle_seconds)

    def end(self, session_id: str, by: User) -> SessionRecord:
        """End a session, one's own or, as an admin, another's. Raises NotFoundError, also for what is not one's own."""
        record = self._sessions.get(session_id)
        if record.person != by.id and not by.manages:
            raise NotFoundError(f"there is no session with the id {session_id!r}", "see GET /api/sessions")
        self._sessions.end([session_id])
        return record

    def end_all(self, person_id: str, by: User, but: str = "") -> int:
        """End the sessions of a person, `but` one of this id; return how many there were. Raises AccessDeniedError."""
        must_manage(by, _MANAGING, person_id)
        self._people.get(person_id)
        return self._sessions.end_all(person_id, but)

    def _checked(self, person_id: str, password: str) -> tuple[PersonRecord, str]:
        """Return whose password that is, and the hash that is kept of it."""
        self._must_be_on()
        found = self._credentials.trying(person_id.strip(), _WRONG, _LOCK_SECONDS, _LONGEST_LOCK)
        hashed = found.hashed if found else ""
        right = self._passwords.right(hashed, password)
        if found is None or not right or found.locked or found.person.disabled:
            raise NotSignedInError(
                "the name or the password is wrong, or the account is closed for now",
                f"after {_WRONG} wrong passwords nothing signs in for a while; an admin can set a new one",
            )
        rehashed = self._passwords.hashed(password) if self._passwords.outdated(hashed) else None
        if not self._credentials.set_right(found.person.id, hashed, rehashed):
            raise _changed_meanwhile()
        return found.person, rehashed or hashed

    def _opened(self, person: PersonRecord, way: Way, where: Where, hashed: str | None = None) -> NewSession:
        """Open a session; of a password, only while that is the person's. Raises NotSignedInError."""
        secret = _secret()
        record = self._sessions.add(
            person.id, _digest(secret), way, where.address, where.agent, self._seconds, MOST_SESSIONS, hashed
        )
        if record is None:
            raise _changed_meanwhile()
        return NewSession(secret, record, person)

    def _found(self, secret: str) -> FoundSession:
        found = self._sessions.by_digest(_digest(secret)) if _SESSION.fullmatch(secret) else None
        if found is None:
            raise NotSignedInError("the session is unknown", "sign in")
        now, session = time.time(), found.session
        if session.ended_at is not None or (found.former and now - session.rotated_at > FORMER_SECONDS):
            raise NotSignedInError("the session was ended", "sign in again")
        if now >= session.expires_at or now - session.used_at > self._idle_seconds:
            raise NotSignedInError("the session has run out", "sign in again")
        if found.person.disabled:
            raise NotSignedInError("the account is disabled", "ask an admin")
        return found

    def _must_be_on(self) -> None:
        if not self._by_password:
            raise AccessDeniedError("passwords are switched off", "sign in at the identity provider")


def _changed_meanwhile() -> NotSignedInError:
    return NotSignedInError("the password was changed meanwhile", "sign in with the new one")


def _secret() -> str:
    return f"ses_{secrets.token_urlsafe(_BYTES)}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
