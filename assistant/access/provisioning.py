"""Takes people and groups from an identity provider, on the word of an admin's token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.access.people import check_groups, check_id, must_be_name
from assistant.catalog import Catalog, ProvisionedGroup, ProvisionedPerson
from assistant.catalog.people import EVERYBODY
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import User

_LONGEST_ADDRESS = 320
_LONGEST_EXTERNAL = 400


@dataclass(frozen=True, slots=True)
class Said:
    """What an identity provider says of a person.

    Attributes:
        said: by SCIM's names: `externalId`, `name`, `displayName`, `emails`.
        active: whether anything is to sign the person in.
        name: as people call the person; may be empty.
        email: may be empty.
    """

    said: Mapping[str, Any]
    active: bool
    name: str
    email: str


class ProvisioningDesk:
    """See the module. Everything raises AccessDeniedError where `by` is no admin.

    Args:
        catalog: keeps people and groups.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._table = catalog.provisioning

    def people(self, by: User, person_id: str | None = None) -> list[ProvisionedPerson]:
        """Return all provisioned people by id, or those whose id is this one, in capitals or not."""
        _must_manage(by)
        return self._table.people(person_id)

    def person(self, person_id: str, by: User) -> ProvisionedPerson:
        """Return one. Raises NotFoundError."""
        _must_manage(by)
        return self._table.person(person_id)

    def add_person(self, person_id: str, said: Said, by: User) -> ProvisionedPerson:
        """Add an employee. Raises TakenError; ConfigurationError: the id is none, or something too long."""
        _must_manage(by)
        check_id(person_id)
        _check(said)
        return self._table.add_person(person_id, said.said, said.active, said.name, said.email)

    def change_person(self, person_id: str, change: Callable[[ProvisionedPerson], Said], by: User) -> ProvisionedPerson:
        """Change a person, in one transaction; one who is not active any more is signed out at once.

        Raises:
            NotFoundError: there is no such person.
            ConfigurationError: something said is too long.
        """
        _must_manage(by)

        def checked(before: ProvisionedPerson) -> tuple[Mapping[str, Any], bool, str, str]:
            said = change(before)
            _check(said)
            return said.said, said.active, said.name, said.email

        return self._table.change_person(person_id, checked)

    def remove_person(self, person_id: str, check: Callable[[ProvisionedPerson], None], by: User) -> None:
        """Take everything from a person, for good; the id stays taken. Raises NotFoundError."""
        _must_manage(by)
        self._table.remove_person(person_id, check)

    def groups(self, by: User, name: str | None = None) -> list[ProvisionedGroup]:
        """Return all provisioned groups by name, or the one of this name."""
        _must_manage(by)
        return self._table.groups(name)

    def group(self, name: str, by: User) -> ProvisionedGroup:
        """Return one. Raises NotFoundError."""
        _must_manage(by)
        return self._table.group(name)

    def add_group(self, group: ProvisionedGroup, by: User) -> ProvisionedGroup:
        """Add a group with its members.

        Raises:
            TakenError: the name or the external id is taken.
            ConfigurationError: the name is none, there is no such member, or the group would be in itself.
        """
        _must_manage(by)
        check_groups([group.name])
        if group.name == EVERYBODY:
            raise ConfigurationError(f"everybody is in the group {EVERYBODY!r}", "provision it under another name")
        _check_group(group)
        return self._table.add_group(group)

    def change_group(
        self, name: str, change: Callable[[ProvisionedGroup], ProvisionedGroup], by: User
    ) -> ProvisionedGroup:
        """Change a group, in one transaction; its members hold from the next request on.

        Raises:
            NotFoundError: there is no such group.
            TakenError: its external id is another group's.
            ConfigurationError: the title is none, there is no such member, or the group would be in itself.
        """
        _must_manage(by)

        def checked(before: ProvisionedGroup) -> ProvisionedGroup:
            after = change(before)
            _check_group(after)
            return after

        return self._table.change_group(name, checked)

    def remove_group(self, name: str, check: Callable[[ProvisionedGroup], None], by: User) -> None:
        """Take everybody out of a group and forget it. Raises NotFoundError."""
        _must_manage(by)
        self._table.remove_group(name, check)


def _must_manage(by: User) -> None:
    if not by.manages:
        raise AccessDeniedError("only admins' tokens provision people", "ask an admin for one with the scope 'scim'")


def _check(said: Said) -> None:
    if said.name:
        must_be_name("the name", said.name)
    if len(said.email) > _LONGEST_ADDRESS:
        raise ConfigurationError(
            f"the address {said.email[:50]!r}… is too long", f"give one of at most {_LONGEST_ADDRESS} characters"
        )
    _check_external(said.said.get("externalId"))


def _check_group(group: ProvisionedGroup) -> None:
    must_be_name("the name", group.title)
    _check_external(group.external_id)


def _check_external(external_id: str | None) -> None:
    if external_id is not None and len(external_id) > _LONGEST_EXTERNAL:
        raise ConfigurationError(
            f"the external id {external_id[:50]!r}… is too long", f"give one of at most {_LONGEST_EXTERNAL} characters"
        )
