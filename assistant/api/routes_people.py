"""People, their sessions and their tokens: one's own, and those of others for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from assistant.access import Caller, Changes
from assistant.access.people import DAYS, MOST_DAYS, USUAL
from assistant.access.roles import Scope
from assistant.api.context import Context, ContextOf
from assistant.api.signed_in import CallerOf, UserOf
from assistant.errors import AccessDeniedError, NotFoundError
from assistant.types import Role
from assistant.wire.people import (
    EndedJson,
    NewTokenJson,
    PasswordJson,
    PeopleJson,
    PersonJson,
    SessionJson,
    SessionsJson,
    TokenJson,
    TokensJson,
)

people = APIRouter(prefix="/api/people", tags=["people"])
sessions = APIRouter(prefix="/api", tags=["people"])
tokens = APIRouter(prefix="/api/tokens", tags=["people"])

PersonPath = Annotated[str, Path(max_length=200, description="The person's id.")]
_Name = Annotated[str, Field(max_length=200)]
_Names = Annotated[list[_Name], Field(max_length=1000)]


class MeJson(BaseModel):
    """Who calls."""

    id: str
    name: str
    email: str
    role: str
    groups: list[str] = Field(description="As they hold now, with those that they are in.")
    curates: list[str]
    sign_in: str = Field(description="`none` or `accounts`.")
    session: str = Field(description="The id of the session that the request came with; empty: none.")
    has_password: bool


class NewPerson(BaseModel):
    """Somebody who may sign in from now on."""

    model_config = ConfigDict(extra="forbid")

    id: _Name = Field(description="As readers name the person: `user:ID`.")
    name: _Name = ""
    email: Annotated[str, Field(max_length=320)] = ""
    role: Role = "employee"
    groups: _Names = []
    curates: _Names = []


class ChangedPerson(BaseModel):
    """What is to be otherwise of an account; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: _Name | None = None
    email: Annotated[str, Field(max_length=320)] | None = None
    role: Role | None = None
    groups: _Names | None = None
    curates: _Names | None = None
    disabled: bool | None = None

    def changes(self) -> Changes:
        """Return them as the desk takes them."""
        groups = None if self.groups is None else tuple(self.groups)
        curates = None if self.curates is None else tuple(self.curates)
        return Changes(self.name, self.email, self.role, groups, curates, self.disabled)


class NewToken(BaseModel):
    """A token to be made."""

    model_config = ConfigDict(extra="forbid")

    name: _Name = Field(default="", description="What it is for.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)] = [*USUAL]
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS, description="For how many days it is good.")


@sessions.get("/me")
def me(context: ContextOf, caller: CallerOf) -> MeJson:
    """Return who calls, with the rights of this moment."""
    user, sign_in = caller.user, context.app.settings.sign_in
    person = None if sign_in == "none" else context.app.accounts.get(user.id, user)
    return MeJson(
        id=user.id,
        name=person.name if person else "",
        email=person.email if person else "",
        role=user.role,
        groups=sorted(user.groups),
        curates=sorted(user.curates),
        sign_in=sign_in,
        session=caller.session,
        has_password=person is not None and person.has_password,
    )


@sessions.get("/sessions")
def own_sessions(context: ContextOf, caller: CallerOf) -> SessionsJson:
    """Return where the caller is signed in with a browser."""
    if context.app.settings.sign_in == "none":
        return SessionsJson(sessions=[])
    return SessionsJson.of(context.app.sign_in.sessions(caller.user.id, caller.user), caller.session)


@sessions.delete("/sessions")
def end_other_sessions(context: ContextOf, caller: CallerOf) -> EndedJson:
    """End all sessions of the caller but the one that the request came with."""
    _must_be_there(caller)
    _must_have_accounts(context)
    return EndedJson(ended=context.app.sign_in.end_all(caller.user.id, caller.user, caller.session))


@sessions.delete("/sessions/{session}")
def end_session(session: str, context: ContextOf, caller: CallerOf) -> SessionJson:
    """End a session, one's own or, as an admin, another's."""
    _must_be_there(caller)
    return SessionJson.of(context.app.sign_in.end(session, caller.user), caller.session)


@tokens.get("")
def own_tokens(context: ContextOf, user: UserOf) -> TokensJson:
    """Return the caller's tokens, never what they sign in with."""
    if context.app.settings.sign_in == "none":
        return TokensJson(tokens=[])
    return TokensJson.of(context.app.people.tokens(user, user.id))


@tokens.post("", status_code=201)
def make_own_token(body: NewToken, context: ContextOf, caller: CallerOf) -> NewTokenJson:
    """Make a token for the caller; it is shown this once. No token makes another."""
    _must_have_accounts(context)
    return _made(context, caller, caller.user.id, body)


@tokens.delete("/{token}")
def revoke_token(token: str, context: ContextOf, caller: CallerOf) -> TokenJson:
    """Take a token back, by its id: one's own or, as an admin, another's."""
    user, desk = caller.user, context.app.people
    if not user.manages and token not in {one.id for one in desk.tokens(user, user.id)}:
        raise NotFoundError("there is no such token", "see GET /api/tokens")
    if caller.token != token:  # a token may end itself, not others
        _must_be_there(caller)
    return TokenJson.of(desk.revoke(token, user))


@people.get("")
def list_people(context: ContextOf, user: UserOf) -> PeopleJson:
    """Return everybody who may sign in."""
    return PeopleJson.of(context.app.people.all(user))


@people.post("", status_code=201)
def add_person(body: NewPerson, context: ContextOf, user: UserOf) -> PersonJson:
    """Add a person, who signs in once a password is set, or by a token."""
    more = Changes(email=body.email)
    context.app.accounts.check(more, user)  # before anybody is added
    context.app.people.add(body.id, body.name, body.groups, body.role, user, curates=body.curates)
    return PersonJson.of(context.app.accounts.change(body.id, more, user))


@people.get("/{person}")
def get_person(person: PersonPath, context: ContextOf, user: UserOf) -> PersonJson:
    """Return an account."""
    return PersonJson.of(context.app.accounts.get(person, user))


@people.patch("/{person}")
def change_person(person: PersonPath, body: ChangedPerson, context: ContextOf, user: UserOf) -> PersonJson:
    """Change an account, from the next request on."""
    return PersonJson.of(context.app.accounts.change(person, body.changes(), user))


@people.post("/{person}/password", status_code=201)
def reset_password(person: PersonPath, context: ContextOf, caller: CallerOf) -> PasswordJson:
    """Make a password for a person, to be changed at the next sign-in; the person's sessions end."""
    _must_be_there(caller)
    return PasswordJson(user=person, password=context.app.sign_in.reset_password(person, caller.user))


@people.get("/{person}/sessions")
def sessions_of(person: PersonPath, context: ContextOf, caller: CallerOf) -> SessionsJson:
    """Return where a person is signed in with a browser."""
    return SessionsJson.of(context.app.sign_in.sessions(person, caller.user), caller.session)


@people.delete("/{person}/sessions")
def end_sessions(person: PersonPath, context: ContextOf, caller: CallerOf) -> EndedJson:
    """End all sessions of a person; where that is the caller, but the one that the request came with."""
    kept = caller.session if caller.user.id == person else ""
    return EndedJson(ended=context.app.sign_in.end_all(person, caller.user, kept))


@people.get("/{person}/tokens")
def tokens_of(person: PersonPath, context: ContextOf, user: UserOf) -> TokensJson:
    """Return a person's tokens, never what they sign in with."""
    return TokensJson.of(context.app.people.tokens(user, person))


def _made(context: Context, caller: Caller, person: str, body: NewToken) -> NewTokenJson:
    _must_be_there(caller)
    secret, made = context.app.people.add_token(person, caller.user, name=body.name, scopes=body.scopes, days=body.days)
    return NewTokenJson(secret=secret, token=TokenJson.of(made))


def _must_be_there(caller: Caller) -> None:
    """Raise AccessDeniedError where a token was brought: what it is not for, it must not get for itself."""
    if caller.scopes is not None:
        raise AccessDeniedError("no token makes tokens or passwords, or ends sessions", "sign in with a browser")


def _must_have_accounts(context: Context) -> None:
    if context.app.settings.sign_in == "none":
        raise NotFoundError("nobody signs in here", "ASSISTANT_SIGN_IN=accounts lets people sign in")
