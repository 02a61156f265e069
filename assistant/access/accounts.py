"""Changes the accounts of people: what they are called, what they are for, whether they are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.access.people import PeopleDesk, check_groups, must_be_name
from assistant.access.roles import check_curated, check_role, must_manage, must_not_be_own
from assistant.catalog import Catalog, PersonRecord
from assistant.catalog.people import EVERYBODY
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import Role, User

_MANAGING = "manage people"
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
        self._catalog, self._people = catalog, PeopleDesk(catalog)

    def get(self, person_id: str, by: User) -> PersonRecord:
        """Return an account, one's own or, as an admin, another's. Raises AccessDeniedError, NotFoundError."""
        if by.id != person_id:
            must_manage(by, _MANAGING)
        return self._catalog.people.get(person_id)

    def check(self, changes: Changes, by: User) -> None:
        """Raise what `change` would raise of names and addresses, whoever they are for."""
        must_manage(by, _MANAGING)
        self._values(changes)

    def change(self, person_id: str, changes: Changes, by: User) -> PersonRecord:
        """Change an account, from the next request on; the sessions of one that is disabled end.

        All of it is checked before any of it holds.

        Raises:
            AccessDeniedError: `by` is no admin, or it is the own account that is to get another role, other groups or
                an end, or the last admin.
            NotFoundError: there is no such person, or no such source.
            ConfigurationError: a name, a role or a group is none.
        """
        must_manage(by, _MANAGING)
        accounts, desk = self._catalog.people, self._people
        before = accounts.get(person_id)
        values = self._values(changes)
        role = changes.role or before.role
        curated = () if role != before.role and changes.curates is None else changes.curates
        named = None if curated is None else check_curated(role, curated, self._catalog.sources)
        self._must_be_another(before, changes, role, by)
        if role != before.role or named not in {None, before.curates}:
            desk.set_role(person_id, role, by, curates=named)
        if changes.groups is not None and _regroups(before, changes.groups):
            desk.regroup(person_id, by, become=changes.groups)
        if changes.disabled is not None:
            desk.disable(person_id, by, disabled=changes.disabled)
        return accounts.change(person_id, **values) if values else accounts.get(person_id)

    @staticmethod
    def _must_be_another(before: PersonRecord, changes: Changes, role: Role, by: User) -> None:
        if role != before.role:
            must_not_be_own(before.id, by, "role")
        if changes.groups is not None and _regroups(before, changes.groups):
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
            check_groups(changes.groups)
        return values


def _regroups(before: PersonRecord, groups: Iterable[str]) -> bool:
    return {*groups} - {EVERYBODY} != {*before.groups}


def _mail(text: str) -> str:
    if text and (text != text.strip() or not text.isprintable() or len(text) > _LONGEST_MAIL or "@" not in text[1:-1]):
        raise ConfigurationError(f"{text[:_LONGEST_MAIL]!r} is no mail address", "such as ann@example.com; or none")
    return text
