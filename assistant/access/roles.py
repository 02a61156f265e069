"""What the roles are, what tokens of each may be for, and who gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from assistant.catalog import Sources
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import Role, User

Scope = Literal["read", "ask", "upload", "manage", "audit", "metrics", "scim"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
ROLES: tuple[Role, ...] = ("employee", "curator", "admin", "auditor")  # nobody is made an operator: that one reads all

_FOR: Mapping[str, frozenset[Role]] = {  # scopes that not every role has a use for
    "manage": frozenset({"curator", "admin"}),
    "audit": frozenset({"auditor", "admin"}),
    "metrics": frozenset({"auditor", "admin"}),
    "scim": frozenset({"admin"}),
}


def scopes_of(role: Role) -> tuple[Scope, ...]:
    """Return what tokens of people with this role may be for."""
    return tuple(scope for scope in SCOPES if role in _FOR.get(scope, ROLES))


def check_scopes(role: Role, scopes: Iterable[str]) -> None:
    """Raise ConfigurationError where a scope is more than the role allows."""
    over = sorted(set(scopes) - set(scopes_of(role)))
    if over:
        raise ConfigurationError(
            f"a token of the role {role!r} is not for: {', '.join(over)}",
            f"choose of {', '.join(scopes_of(role))}, or give the person another role first",
        )


def check_role(role: str) -> None:
    """Raise ConfigurationError where nobody is given this role."""
    if role not in ROLES:
        raise ConfigurationError(f"there is no role {role!r}", f"choose one of: {', '.join(ROLES)}")


def check_curated(role: str, names: Iterable[str], sources: Sources) -> tuple[str, ...]:
    """Return the sources that a person with the role is to look after.

    Raises:
        ConfigurationError: the role looks after none.
        NotFoundError: there is no such source.
    """
    found = tuple(sorted({*names}))
    if found and role != "curator":
        raise ConfigurationError(f"the role {role!r} looks after no chosen sources", "give the role curator")
    for name in found:
        sources.get(name)
    return found


def must_manage(by: User, what: str, person_id: str | None = None) -> None:
    """Raise AccessDeniedError unless `by` is an admin, or the person that it is about; `what` only admins do."""
    if not by.manages and by.id != person_id:
        raise AccessDeniedError(f"only admins {what}", "ask an admin")


def must_not_be_own(person_id: str, by: User, what: str) -> None:
    """Raise AccessDeniedError where somebody would change the own role or groups; the operator is no account."""
    if by.id == person_id and not by.reads_everything:
        raise AccessDeniedError(f"nobody changes the own {what}", "ask another admin")
