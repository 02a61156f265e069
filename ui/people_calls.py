"""The calls about people, their sessions and tokens; an empty `person` is the one who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ui.calls import HttpCalls
from ui.people import Person, SignIn, Token


class PeopleCalls(HttpCalls):
    """See `HttpCalls`."""

    def people(self) -> tuple[Person, ...]:
        """Return everybody who may sign in."""
        return self._read(lambda data: tuple(map(Person.read, data["users"])), "GET", "/api/people")

    def add_person(
        self, person: str, name: str, email: str, role: str, groups: Sequence[str], curates: Sequence[str]
    ) -> Person:
        """Add a person."""
        body: dict[str, Any] = {"id": person, "name": name, "email": email, "role": role}
        body |= {"groups": list(groups), "curates": list(curates)}
        return self._read(Person.read, "POST", "/api/people", json=body)

    def change_person(self, person: str, **changes: object) -> Person:
        """Change an account: `name`, `email`, `role`, `groups`, `curates` or `disabled`."""
        return self._read(Person.read, "PATCH", _path(person), json=changes)

    def reset_password(self, person: str) -> str:
        """Return a new password of a person, to be changed at the next sign-in."""
        return self._read(lambda data: str(data["password"]), "POST", f"{_path(person)}/password")

    def sign_ins(self, person: str = "") -> tuple[SignIn, ...]:
        """Return where a person is signed in."""
        path = f"{_path(person)}/sessions" if person else "/api/sessions"
        return self._read(lambda data: tuple(map(SignIn.read, data["sessions"])), "GET", path)

    def end_sign_in(self, session: str) -> None:
        """End a session."""
        self._call("DELETE", f"/api/sessions/{quote(session, safe='')}")

    def end_sign_ins(self, person: str = "") -> int:
        """End all sessions of a person, of one's own all but the one in use; return how many."""
        path = f"{_path(person)}/sessions" if person else "/api/sessions"
        return self._read(lambda data: int(data["ended"]), "DELETE", path)

    def tokens(self, person: str = "") -> tuple[Token, ...]:
        """Return a person's tokens."""
        path = f"{_path(person)}/tokens" if person else "/api/tokens"
        return self._read(lambda data: tuple(map(Token.read, data["tokens"])), "GET", path)

    def make_token(self, name: str, scopes: Sequence[str], days: int) -> str:
        """Make a token for oneself, and return it."""
        body = {"name": name, "scopes": list(scopes), "days": days}
        return self._read(lambda data: str(data["secret"]), "POST", "/api/tokens", json=body)

    def revoke_token(self, token: str) -> None:
        """Take a token back."""
        self._call("DELETE", f"/api/tokens/{quote(token, safe='')}")


def _path(person: str) -> str:
    return f"/api/people/{quote(person, safe='')}"
