"""Between SCIM's resources and what is kept of people and groups."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from scim2_models import Context, InvalidValueException, Meta, Reference

from assistant.access.provisioning import Said
from assistant.api.scim.resources import Email, Group, Member, Membership, Name
from assistant.api.scim.resources import User as Person
from assistant.catalog import ProvisionedGroup, ProvisionedPerson
from assistant.errors import NotFoundError

Kind = Literal["User", "Group"]
ResourceT = TypeVar("ResourceT", Person, Group)
_MARKS: Mapping[Kind, str] = {"User": "u", "Group": "g"}


def scim_id(kind: Kind, name: str) -> str:
    """Return the id that SCIM has for a person's id or a group's name: any letter of it fits into a URL."""
    return _MARKS[kind] + base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def name_of(kind: Kind, scim: str) -> str:
    """Return a person's id or a group's name from SCIM's id. Raises NotFoundError where it is none of that kind."""
    missing = NotFoundError(f"there is no {kind} with the id {scim!r}", "list them to find its id")
    if not scim.startswith(_MARKS[kind]):
        raise missing
    padded = scim[1:] + "=" * (-len(scim[1:]) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as error:
        raise missing from error


def person_resource(person: ProvisionedPerson, base: str) -> Person:
    """Return a person as SCIM has it; `base` is the URL of the service."""
    said = person.said
    found = Person(
        id=scim_id("User", person.id),
        external_id=said.get("externalId"),
        user_name=person.id,
        name=Name.model_validate(said["name"]) if said.get("name") else None,
        display_name=said.get("displayName"),
        emails=[Email.model_validate(one) for one in said["emails"]] if said.get("emails") else None,
        active=person.active if "active" in said else None,
        groups=[Membership(value=scim_id("Group", one), display=one, type="direct") for one in person.groups] or None,
    )
    return _with_meta(found, "User", base, person.created_at, person.changed_at)


def said_of(person: Person, *, was_active: bool) -> Said:
    """Return what a resource says of a person, who stays as active as before where it does not say that."""
    name = None if person.name is None else person.name.model_dump(scim_ctx=Context.DEFAULT) or None
    emails = [one.model_dump(scim_ctx=Context.DEFAULT) for one in person.emails or ()]
    said: dict[str, Any] = {
        "externalId": person.external_id,
        "name": name,
        "displayName": person.display_name,
        "active": person.active,
        "emails": [one for one in emails if one] or None,
    }
    kept = {field: value for field, value in said.items() if value is not None}
    return Said(kept, was_active if person.active is None else person.active, _called(person), _address(person))


def group_resource(group: ProvisionedGroup, base: str) -> Group:
    """Return a group as SCIM has it; `base` is the URL of the service."""
    members = [_member("User", one, base) for one in group.people]
    members += [_member("Group", one, base) for one in group.groups]
    found = Group(
        id=scim_id("Group", group.name),
        external_id=group.external_id,
        display_name=group.title,
        members=members or None,
    )
    return _with_meta(found, "Group", base, group.created_at, None)


def group_of(group: Group, before: ProvisionedGroup | None = None) -> ProvisionedGroup:
    """Return what a resource says of a group; its name stays the one before.

    Raises:
        InvalidValueException: a member is neither a person nor a group.
    """
    people, groups = set(), set()
    for member in group.members or ():
        value = member.value or ""
        try:
            if value.startswith(_MARKS["Group"]):
                groups.add(name_of("Group", value))
            else:
                people.add(name_of("User", value))
        except NotFoundError as error:
            raise InvalidValueException(detail=f"the member {value!r} is neither a person nor a group") from error
    title = group.display_name or ""
    kept = before or ProvisionedGroup(title, title, None, (), (), 0.0)
    return replace(
        kept,
        title=title,
        external_id=group.external_id,
        people=tuple(sorted(people)),
        groups=tuple(sorted(groups)),
    )


def _member(kind: Kind, name: str, base: str) -> Member:
    value = scim_id(kind, name)
    return Member(value=value, type=kind, ref=Reference(f"{base}/{kind}s/{value}"))


def _with_meta(found: ResourceT, kind: Kind, base: str, created: float, changed: float | None) -> ResourceT:
    """Give a resource its `meta`; the version is a digest of all that the resource says."""
    said = json.dumps(found.model_dump(scim_ctx=Context.DEFAULT), sort_keys=True)
    found.meta = Meta(
        resource_type=kind,
        created=_moment(created),
        last_modified=None if changed is None else _moment(changed),
        location=f"{base}/{kind}s/{found.id}",
        version=f'W/"{hashlib.sha256(said.encode()).hexdigest()[:24]}"',
    )
    return found


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)


def _called(person: Person) -> str:
    """Return what people call the person: the display name, else the name, else its parts."""
    name = person.name
    parts = () if name is None else (name.given_name, name.family_name)
    formatted = None if name is None else name.formatted
    found = person.display_name or formatted or " ".join(part for part in parts if part)
    return " ".join(found.split())


def _address(person: Person) -> str:
    """Return the primary address, else the first one."""
    addresses = [one for one in person.emails or () if one.value]
    first = next((one for one in addresses if one.primary), addresses[0] if addresses else None)
    return "" if first is None or first.value is None else first.value
