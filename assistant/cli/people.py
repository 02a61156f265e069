"""People who may sign in, their groups, and the tokens of their programs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant.access.people import DAYS, MOST_DAYS, USUAL
from assistant.access.roles import ROLES, SCOPES
from assistant.catalog import PersonRecord
from assistant.cli.output import JsonOption, err, names, opened, out, print_json, print_table, when
from assistant.types import LOCAL_OPERATOR, Role
from assistant.wire.people import (
    NewTokenJson,
    PasswordJson,
    PeopleJson,
    PersonJson,
    SessionsJson,
    TokenJson,
    TokensJson,
)

users = typer.Typer(help="People who may sign in, and their groups.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens that programs of people sign in with.", no_args_is_help=True)

UserArgument = Annotated[str, typer.Argument(metavar="ID", help="The person's id; see `assistant users list`.")]
CuratesOption = Annotated[
    str | None, typer.Option("--curates", metavar="A,B", help="The sources that a curator looks after.")
]
_ROLES = ", ".join(ROLES)
_NO_USERS = "Nobody is known: `assistant users add ID --groups a,b` adds somebody."
_NO_TOKENS = "There are no tokens: `assistant tokens add USER` makes one."


@users.command("add")
def add_user(
    person: Annotated[str, typer.Argument(metavar="ID", help="A new id, as readers name the person: user:ID.")],
    groups: Annotated[
        str, typer.Option("--groups", metavar="A,B", help="The person's groups; everyone is always one of them.")
    ] = "",
    role: Annotated[str, typer.Option("--role", help=f"{_ROLES}; none of them reads more than others.")] = "employee",
    curates: CuratesOption = None,
    name: Annotated[str, typer.Option("--name", help="What people call the person.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Add a person."""
    chosen, looked_after = _role(role), names(curates or "")
    with opened() as app:
        added = app.people.add(person, name, names(groups), chosen, LOCAL_OPERATOR, curates=looked_after)
    _print_person(added, "added", as_json)


@users.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List everybody with role and groups."""
    with opened() as app:
        found = PeopleJson.of(app.people.all(LOCAL_OPERATOR))
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.id,
            one.name,
            _role_of(one),
            ", ".join(one.groups),
            _state(one),
            when(one.created_at),
        )
        for one in found.users
    ]
    print_table(("id", "name", "role", "groups", "", "added"), rows, _NO_USERS)


@users.command("groups")
def groups_of_user(
    person: UserArgument,
    become: Annotated[
        str | None, typer.Option("--set", metavar="A,B", help="The groups in place of those before.")
    ] = None,
    add: Annotated[str, typer.Option("--add", metavar="A,B", help="Groups to add.")] = "",
    remove: Annotated[str, typer.Option("--remove", metavar="A,B", help="Groups to take away.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Change a person's groups, from the next request on."""
    if become is None and not names(add) and not names(remove):
        raise typer.BadParameter("nothing is to be changed: give --set, --add or --remove")
    given = None if become is None else names(become)
    with opened() as app:
        changed = app.people.regroup(person, LOCAL_OPERATOR, become=given, add=names(add), remove=names(remove))
    _print_person(changed, "changed", as_json)


@users.command("role")
def role_of_user(
    person: UserArgument,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"One of {_ROLES}.")],
    curates: CuratesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person another role, from the next request on."""
    chosen, named = _role(role), None if curates is None else names(curates)
    with opened() as app:
        changed = app.people.set_role(person, chosen, LOCAL_OPERATOR, curates=named)
        admins = app.catalog.people.admins()
    if not admins:
        err.print("No admin is left: only this command line manages now.", style="yellow", markup=False)
    _print_person(changed, "changed", as_json)


@users.command("disable")
def disable_user(person: UserArgument, as_json: JsonOption = False) -> None:
    """Sign a person in no more, from the next request on; the tokens stay, and hold again when it is enabled."""
    with opened() as app:
        changed = app.people.disable(person, LOCAL_OPERATOR, disabled=True)
    _print_person(changed, "disabled", as_json)


@users.command("enable")
def enable_user(person: UserArgument, as_json: JsonOption = False) -> None:
    """Sign a person in again, also by tokens from before that are still good."""
    with opened() as app:
        changed = app.people.disable(person, LOCAL_OPERATOR, disabled=False)
    _print_person(changed, "enabled", as_json)


@users.command("password")
def set_password(
    person: UserArgument,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make one and print it, this once, instead of asking for it.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Set a person's password, which has to be changed at the next sign-in; sessions end, a lock is taken away."""
    given = None
    if not generate:
        if as_json:
            raise typer.BadParameter("with --json nothing is asked: add --generate")
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with opened() as app:
        password = app.sign_in.reset_password(person, LOCAL_OPERATOR, given)
    if as_json:
        print_json(PasswordJson(user=person, password=password))
        return
    if generate:
        sys.stdout.write(f"{password}\n")  # alone, so that a script can take it
    said = f"the password of {person} is set, and has to be changed at the next sign-in"
    err.print(f"{said}. It is not shown again." if generate else said, markup=False, soft_wrap=True)


@users.command("sessions")
def sessions_of_user(
    person: UserArgument,
    end: Annotated[bool, typer.Option("--end", help="End all of them.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List where a person is signed in with a browser, or end that."""
    with opened() as app:
        found = SessionsJson.of(app.sign_in.sessions(person, LOCAL_OPERATOR))
        if end:
            app.sign_in.end_all(person, LOCAL_OPERATOR)
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, one.way, one.address, one.agent, when(one.created_at), when(one.used_at)) for one in found.sessions
    ]
    print_table(("id", "way", "address", "program", "since", "last used"), rows, f"{person} is not signed in.")
    if end and rows:
        out.print(f"ended {len(rows)}", markup=False)


@tokens.command("add")
def add_token(
    person: Annotated[str, typer.Argument(metavar="USER", help="The id of the person that it is for.")],
    days: Annotated[
        int, typer.Option("--days", min=1, max=MOST_DAYS, metavar="N", help="For how many days it is good.")
    ] = DAYS,
    scopes: Annotated[
        str, typer.Option("--scopes", metavar="A,B", help=f"What it may be used for: {', '.join(SCOPES)}.")
    ] = ",".join(USUAL),
    name: Annotated[str, typer.Option("--name", help="What it is for.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make a token for a person, and print it, this once."""
    with opened() as app:
        secret, made = app.people.add_token(person, LOCAL_OPERATOR, name=name, scopes=names(scopes), days=days)
    if as_json:
        print_json(NewTokenJson(secret=secret, token=TokenJson.of(made)))
        return
    sys.stdout.write(f"{secret}\n")  # alone, so that a script can take it
    said = f"for {made.person}, to {' and '.join(made.scopes)}, until {when(made.expires_at)}; id {made.id}"
    err.print(f"{said}. It is not shown again.", markup=False, soft_wrap=True)


@tokens.command("list")
def list_tokens(
    person: Annotated[str | None, typer.Argument(metavar="USER", help="Only this person's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List tokens, never what they sign in with."""
    with opened() as app:
        found = TokensJson.of(app.people.tokens(LOCAL_OPERATOR, person))
    if as_json:
        print_json(found)
        return
    rows = [
        (one.id, one.user, one.name, ", ".join(one.scopes), one.state, when(one.expires_at), when(one.used_at))
        for one in found.tokens
    ]
    print_table(("id", "user", "name", "scopes", "state", "until", "last used"), rows, _NO_TOKENS)


@tokens.command("revoke")
def revoke_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's id; or the token, where it was found.")],
    as_json: JsonOption = False,
) -> None:
    """Take a token back, from the next request on."""
    with opened() as app:
        revoked = TokenJson.of(app.people.revoke(token, LOCAL_OPERATOR))
    if as_json:
        print_json(revoked)
        return
    out.print(f"revoked the token {revoked.id} of {revoked.user}", markup=False)


def _role(text: str) -> Role:
    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise typer.BadParameter(f"there is no role {text!r}: one of {_ROLES}")
    return found


def _print_person(person: PersonRecord, what: str, as_json: bool) -> None:
    found = PersonJson.of(person)
    if as_json:
        print_json(found)
        return
    out.print(f"{what} {found.id} ({_role_of(found)}), in the groups {', '.join(found.groups)}", markup=False)


def _role_of(person: PersonJson) -> str:
    return f"{person.role} of {', '.join(person.curates)}" if person.curates else person.role


def _state(person: PersonJson) -> str:
    return "disabled" if person.disabled else ""
