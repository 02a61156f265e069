"""People and their tokens as JSON."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from assistant.catalog import PersonRecord, TokenRecord


class PersonJson(BaseModel):
    """Somebody who may sign in."""

    id: str
    name: str
    groups: list[str] = Field(description="As they hold now; `everyone` is always one of them.")
    role: str = Field(description="`employee`, `curator`, `admin` or `auditor`.")
    curates: list[str] = Field(description="The sources that a curator looks after.")
    disabled: bool
    created_at: float = Field(description="Seconds since the epoch.")

    @classmethod
    def of(cls, person: PersonRecord) -> Self:
        """Return the person as JSON."""
        return cls(
            id=person.id,
            name=person.name,
            groups=sorted(person.user.groups),
            role=person.role,
            curates=list(person.curates),
            disabled=person.disabled,
            created_at=person.created_at,
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
