"""People and their tokens as JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from assistant.catalog import PersonRecord, SessionRecord, TokenRecord


class PersonJson(BaseModel):
    """Somebody who may sign in."""

    id: str
    name: str
    groups: list[str] = Field(description="As they hold now; `everyone` is always one of them.")
    role: str = Field(description="`employee`, `curator`, `admin` or `auditor`.")
    disabled: bool
    created_at: float = Field(description="Seconds since the epoch.")
    email: str = ""
    given_groups: list[str] = Field(default=[], description="Those that were given here.")
    provided_groups: list[str] = Field(default=[], description="Those that the identity provider says.")
    curates: list[str] = Field(default=[], description="The sources that a curator looks after.")
    origin: str = Field(default="local", description="`local`, `oidc` or `scim`: who made the account.")
    has_password: bool = False
    must_change_password: bool = False
    locked_until: float = Field(default=0.0, description="Until when too many wrong passwords lock it, or 0.")

    @classmethod
    def of(cls, person: PersonRecord) -> Self:
        """Return the person as JSON."""
        return cls(
            id=person.id,
            name=person.name,
            groups=sorted(person.user.groups),
            role=person.role,
            disabled=person.disabled,
            created_at=person.created_at,
            email=person.email,
            given_groups=list(person.groups),
            provided_groups=list(person.provided_groups),
            curates=list(person.curates),
            origin=person.origin,
            has_password=person.has_password,
            must_change_password=person.must_change_password,
            locked_until=person.locked_until if person.locked_until > time.time() else 0.0,
        )


class PeopleJson(BaseModel):
    """All people."""

    users: list[PersonJson]

    @classmethod
    def of(cls, people: Sequence[PersonRecord]) -> Self:
        """Return the people as JSON."""
        return cls(users=[PersonJson.of(person) for person in people])


class TokenJson(BaseModel):
    """What is known of a token; times are seconds since the epoch."""

    id: str = Field(description="No secret; `tokens revoke` takes it.")
    user: str = Field(description="The id of the person that it is for.")
    name: str
    scopes: list[str] = Field(
        description="Of `read` (search, documents), `ask`, `upload`, `manage`, `audit`, `metrics`, `scim`."
    )
    state: str = Field(description="`good`, `expired` or `revoked`; a disabled person's tokens are refused besides.")
    created_at: float
    expires_at: float
    used_at: float | None = Field(description="The minute in which it was used last.")
    revoked_at: float | None

    @classmethod
    def of(cls, token: TokenRecord) -> Self:
        """Return the token as JSON."""
        good = "expired" if time.time() >= token.expires_at else "good"
        return cls(
            id=token.id,
            user=token.person,
            name=token.name,
            scopes=list(token.scopes),
            state=good if token.revoked_at is None else "revoked",
            created_at=token.created_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
            revoked_at=token.revoked_at,
        )


class TokensJson(BaseModel):
    """Tokens."""

    tokens: list[TokenJson]

    @classmethod
    def of(cls, tokens: Sequence[TokenRecord]) -> Self:
        """Return the tokens as JSON."""
        return cls(tokens=[TokenJson.of(token) for token in tokens])


class NewTokenJson(BaseModel):
    """A token that was just made."""

    secret: str = Field(description="What a program signs in with; it is shown this once.")
    token: TokenJson


class SessionJson(BaseModel):
    """A sign-in in one browser; times are seconds since the epoch."""

    id: str = Field(description="No secret; it is ended by it.")
    user: str
    way: str = Field(description="How the person signed in: `password` or `oidc`.")
    address: str
    agent: str = Field(description="The program, as it says of itself.")
    created_at: float
    used_at: float = Field(description="The minute in which it was used last.")
    expires_at: float
    this: bool = Field(description="Whether the request came with it.")

    @classmethod
    def of(cls, session: SessionRecord, this: str = "") -> Self:
        """Return the session as JSON; `this`: the id of the one that the request came with."""
        return cls(
            id=session.id,
            user=session.person,
            way=session.way,
            address=session.address,
            agent=session.agent,
            created_at=session.created_at,
            used_at=session.used_at,
            expires_at=session.expires_at,
            this=session.id == this,
        )


class SessionsJson(BaseModel):
    """Sessions, the last used first."""

    sessions: list[SessionJson]

    @classmethod
    def of(cls, sessions: Sequence[SessionRecord], this: str = "") -> Self:
        """Return the sessions as JSON."""
        return cls(sessions=[SessionJson.of(session, this) for session in sessions])


class PasswordJson(BaseModel):
    """A password that was just made."""

    user: str
    password: str = Field(description="It is shown this once, and only signs in to be changed.")


class EndedJson(BaseModel):
    """How many sessions were ended."""

    ended: int
