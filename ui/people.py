"""What the API's JSON means to the UI, of people, their sessions and tokens."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in."""

    id: str
    name: str
    email: str
    role: str
    groups: tuple[str, ...]
    provided_groups: tuple[str, ...]
    curates: tuple[str, ...]
    origin: str
    disabled: bool
    has_password: bool
    locked: bool

    @property
    def called(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.id

    def matches(self, wanted: str) -> bool:
        """Return whether a part of what is known of the person is this, in small letters."""
        known = (self.id, self.name, self.email, *self.groups, *self.provided_groups)
        return any(wanted in one.casefold() for one in known)

    @classmethod
    def read(cls, data: Json) -> Person:
        """Read a person."""
        return cls(
            id=str(data["id"]),
            name=str(data["name"]),
            email=str(data["email"]),
            role=str(data["role"]),
            groups=tuple(map(str, data["given_groups"])),
            provided_groups=tuple(map(str, data["provided_groups"])),
            curates=tuple(map(str, data["curates"])),
            origin=str(data["origin"]),
            disabled=bool(data["disabled"]),
            has_password=bool(data["has_password"]),
            locked=bool(data["locked_until"]),
        )


@dataclass(frozen=True, slots=True)
class SignIn:
    """A session of a browser; `this` is the one that the UI itself uses."""

    id: str
    way: str
    address: str
    agent: str
    created_at: float
    used_at: float
    this: bool

    @classmethod
    def read(cls, data: Json) -> SignIn:
        """Read a session."""
        texts = {name: str(data[name]) for name in ("id", "way", "address", "agent")}
        return cls(
            **texts, created_at=float(data["created_at"]), used_at=float(data["used_at"]), this=bool(data["this"])
        )


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without what it signs in with."""

    id: str
    name: str
    scopes: tuple[str, ...]
    state: str
    expires_at: float
    used_at: float | None

    @classmethod
    def read(cls, data: Json) -> Token:
        """Read a token."""
        used = data.get("used_at")
        return cls(
            id=str(data["id"]),
            name=str(data["name"]),
            scopes=tuple(map(str, data["scopes"])),
            state=str(data["state"]),
            expires_at=float(data["expires_at"]),
            used_at=None if used is None else float(used),
        )
