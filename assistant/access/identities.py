"""Whom an identity provider has recognised, as a person here."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.access.people import RESERVED, must_be_name
from assistant.catalog import Catalog, PersonRecord
from assistant.errors import AccessDeniedError, ConfigurationError, NotSignedInError
from assistant.types import Role

log = logging.getLogger(__name__)

_LONGEST, _LONGEST_MAIL, _LONGEST_EXTERNAL = 200, 320, 400


@dataclass(frozen=True, slots=True)
class Identity:
    """What an identity provider says of a person.

    Attributes:
        issuer, subject: the provider, and the person's unchanging id there.
        id: as the person is to be called in readers.
        name, email: as people call the person, and write to it; may be empty.
        groups: the names of the person's groups there.
    """

    issuer: str
    subject: str
    id: str
    name: str = ""
    email: str = ""
    groups: tuple[str, ...] = ()


class IdentityDesk:
    """See the module.

    Args:
        catalog: keeps the people.
        create: whether somebody who is not known yet becomes a person here.
        admin_groups, auditor_groups: groups there whose members have that role; where any is named, nobody else of the
            provider has one of the two.
        link_provisioned: whether an account that SCIM made is that of whoever has its id at the provider.
    """

    def __init__(
        self,
        catalog: Catalog,
        *,
        create: bool = True,
        admin_groups: Iterable[str] = (),
        auditor_groups: Iterable[str] = (),
        link_provisioned: bool = False,
    ) -> None:
        self._people = catalog.people
        self._create = create
        self._roles: dict[Role, frozenset[str]] = {
            "admin": frozenset(admin_groups),
            "auditor": frozenset(auditor_groups),
        }
        self._link_provisioned = link_provisioned

    def recognise(self, identity: Identity) -> PersonRecord:
        """Return the person that an identity belongs to, with the groups that the provider says now.

        An account is known by issuer and subject alone, never by a mail address, which others may come to have.

        Raises:
            NotSignedInError: the account is disabled, or nobody is known and none is to be made.
            AccessDeniedError: the id is that of an account that is not of this provider.
            ConfigurationError: the provider's id for the person cannot be used here.
        """
        external = f"{identity.issuer}|{identity.subject}"
        if len(external) > _LONGEST_EXTERNAL:
            raise ConfigurationError("the identity provider's id for this person is too long", "ask an admin")
        person = self._people.by_external_id(external) or self._provisioned(identity)
        if person is not None and person.disabled:
            raise NotSignedInError("the account is disabled", "ask an admin")
        values: dict[str, object] = {
            "name": identity.name.strip()[:_LONGEST],
            "email": identity.email.strip()[:_LONGEST_MAIL],
            "provided_groups": _usable(identity.groups),
        }
        role = self._role(identity, person.role if person else "employee")
        if person is None:
            return self._added(identity, role, {**values, "origin": "oidc", "external_id": external})
        if role != person.role:  # not written back where no group tells it: an admin may be changing it now
            values["role"] = role
        return self._people.change(person.id, **values)

    def _added(self, identity: Identity, role: Role, values: dict[str, object]) -> PersonRecord:
        if not self._create:
            raise NotSignedInError("nobody here belongs to this account", "ask an admin for one")
        must_be_name("the id that the identity provider gives", identity.id)
        if identity.id.casefold() in RESERVED or "," in identity.id:
            raise ConfigurationError(f"the id {identity.id!r} cannot be used here", "see `oidc_id_claim`")
        try:
            return self._people.add(identity.id, str(values.pop("name")), (), role, **values)
        except ConfigurationError:
            raise AccessDeniedError(
                f"there is an account {identity.id!r} already that does not belong to this identity provider",
                "ask an admin: nobody takes over an account by its name",
            ) from None

    def _provisioned(self, identity: Identity) -> PersonRecord | None:
        """Return the account that SCIM made for this id, where the operator has said that ids are the same there."""
        if not self._link_provisioned:
            return None
        found = self._people.by_id(identity.id)
        return found if found is not None and found.origin == "scim" else None

    def _role(self, identity: Identity, before: Role) -> Role:
        if not any(self._roles.values()):
            return before
        for role, groups in self._roles.items():
            if groups.intersection(identity.groups):
                return role
        return "employee" if before in self._roles else before


def _usable(groups: Iterable[str]) -> list[str]:
    names = sorted(set(groups))
    good = [name for name in names if name and name.isprintable() and len(name) <= _LONGEST]
    if len(good) < len(names):
        log.warning("%d groups of the identity provider have names that cannot be used here", len(names) - len(good))
    return good
