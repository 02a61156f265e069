"""Changes the accounts of people: what they are called, what they are for, whether they are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.access.people import ROLES, good_groups, must_be_name
from assistant.catalog import Catalog, PersonRecord
from assistant.catalog.people import EVERYBODY
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import Role, User

_LONGEST_MAIL = 320


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be otherwise of an account; what is None stays."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None
    groups: tuple[str, ...] | None = None
    curates: tuple[str, ...] | None = None
    disabled: bool | None = None


class AccountDesk:
    """See the module.

    Args:
        catalog: keeps the accounts.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def get(self, person_id: str, by: User) -> PersonRecord:
        """Return an account, one's own or, as an admin, another's. Raises AccessDeniedError, NotFoundError."""
        if by.id != person_id:
            _must_manage(by)
        return self._catalog.people.get(person_id)

    def check(self, changes: Changes, by: User) -> None:
        """Raise what `change` would raise of the changes, whoever they are for."""
        _must_manage(by)
        self._values(changes)

    def change(self, person_id: str, changes: Changes, by: User) -> PersonRecord:
        """Change an account, from the next request on; the sessions of one that is disabled end.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the own role or the own account that is to go.
            NotFoundError: there is no such person, or no such source.
            ConfigurationError: a name, a role or a group is none.
        """
        _must_manage(by)
        before = self._catalog.people.get(person_id)
        values = self._values(changes)
        role, disabled = changes.role or before.role, bool(changes.disabled)
        if by.id == person_id and (role != before.role or disabled):
            raise AccessDeniedError("nobody changes the own role or closes the own account", "ask another admin")
        changed = self._catalog.people.change(person_id, **values) if values else before
        if changes.disabled:
            self._catalog.sessions.end_all(person_id)
        return changed

    def _values(self, changes: Changes) -> dict[str, object]:
        values: dict[str, object] = {}
        if changes.name is not None:
            if changes.name:
                must_be_name("the name", changes.name)
            values["name"] = changes.name
        if changes.email is not None:
            values["email"] = _mail(changes.email)
        if changes.role is not None:
            if changes.role not in ROLES:
                raise ConfigurationError(f"there is no role {changes.role!r}", f"choose one of: {', '.join(ROLES)}")
            values["role"] = changes.role
        if changes.groups is not None:
            values["groups"] = sorted(good_groups(changes.groups) - {EVERYBODY})
        if changes.curates is not None:
            values["curates"] = self._sources(changes.curates)
        if changes.disabled is not None:
            values["disabled"] = changes.disabled
        return values

    def _sources(self, names: Iterable[str]) -> list[str]:
        for name in names:
            self._catalog.sources.get(name)  # NotFoundError
        return sorted(set(names))


def _mail(text: str) -> str:
    if text and (text != text.strip() or not text.isprintable() or len(text) > _LONGEST_MAIL or "@" not in text[1:-1]):
        raise ConfigurationError(f"{text[:_LONGEST_MAIL]!r} is no mail address", "such as ann@example.com; or none")
    return text


def _must_manage(by: User) -> None:
    if not by.manages:
        raise AccessDeniedError("only admins manage people", "ask an admin")
