"""Changes the accounts of people: what they are called, what they are for, whether they are open."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.access.people import check_groups, must_be_name
from assistant.access.roles import check_curated, check_role, must_not_be_own
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
        """Raise what `change` would raise of the changes to a new account."""
        _must_manage(by)
        self._values(changes)
        check_curated(changes.role or "employee", changes.curates or (), self._catalog.sources)

    def change(self, person_id: str, changes: Changes, by: User) -> PersonRecord:
        """Change an account, from the next request on; the sessions of one that is disabled end.

        All of it is checked before any of it holds.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the own account that is to get another role, other groups or
                an end, or the last admin.
            NotFoundError: there is no such person, or no such source.
            ConfigurationError: a name, a role or a group is none.
        """
        _must_manage(by)
        people = self._catalog.people
        before = people.get(person_id)
        values = self._values(changes)
        role = changes.role or before.role
        curated = () if role != before.role and changes.curates is None else changes.curates
        named = None if curated is None else check_curated(role, curated, self._catalog.sources)
        self._must_be_another(before, changes, role, by)
        if role != before.role or named is not None:
            people.set_role(person_id, role, named, keep_an_admin=not by.reads_everything)
        if changes.disabled is not None:
            people.disable(person_id, changes.disabled, keep_an_admin=not by.reads_everything)
        if changes.disabled:
            self._catalog.sessions.end_all(person_id)
        return people.change(person_id, **values) if values else people.get(person_id)

    @staticmethod
    def _must_be_another(before: PersonRecord, changes: Changes, role: Role, by: User) -> None:
        if role != before.role:
            must_not_be_own(before.id, by, "role")
        if changes.groups is not None and {*changes.groups} - {EVERYBODY} != {*before.groups}:
            must_not_be_own(before.id, by, "groups")
        if changes.disabled and by.id == before.id:
            raise AccessDeniedError("nobody closes the own account", "ask another admin")

    def _values(self, changes: Changes) -> dict[str, object]:
        values: dict[str, object] = {}
        if changes.name is not None:
            if changes.name:
                must_be_name("the name", changes.name)
            values["name"] = changes.name
        if changes.email is not None:
            values["email"] = _mail(changes.email)
        if changes.role is not None:
            check_role(changes.role)
        if changes.groups is not None:
            values["groups"] = sorted(check_groups(changes.groups) - {EVERYBODY})
        return values


def _mail(text: str) -> str:
    if text and (text != text.strip() or not text.isprintable() or len(text) > _LONGEST_MAIL or "@" not in text[1:-1]):
        raise ConfigurationError(f"{text[:_LONGEST_MAIL]!r} is no mail address", "such as ann@example.com; or none")
    return text


def _must_manage(by: User) -> None:
    if not by.manages:
        raise AccessDeniedError("only admins manage people", "ask an admin")
