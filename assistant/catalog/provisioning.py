"""The people and groups that an identity provider provisions; those that were made here are none of its business."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.groups import closed
from assistant.catalog.models_people import AccessTokenRow, GroupMemberRow, GroupRow, PersonRow, SessionRow
from assistant.errors import ConfigurationError, NotFoundError, TakenError

_THEIRS = ("oidc", "scim")  # neither who was made here nor who is erased
_CHANGED = "changed_at"  # beside what the provider said


@dataclass(frozen=True, slots=True)
class ProvisionedPerson:
    """A person as the identity provider knows it.

    Attributes:
        id: as readers name the person; it never changes.
        said: what the provider said, by SCIM's names: `externalId`, `name`, `displayName`, `emails`, `active`.
        active: whether anything signs the person in.
        groups: the provider's groups that the person is directly in, sorted.
        created_at, changed_at: in seconds since the epoch.
    """

    id: str
    said: Mapping[str, Any]
    active: bool
    groups: tuple[str, ...]
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True)
class ProvisionedGroup:
    """A group as the identity provider knows it.

    Attributes:
        name: as readers name it; it never changes.
        title: as the provider calls it now.
        external_id: the provider's id of it.
        people: ids of those directly in it, sorted.
        groups: the groups directly in it, sorted.
        created_at: in seconds since the epoch.
    """

    name: str
    title: str
    external_id: str | None
    people: tuple[str, ...]
    groups: tuple[str, ...]
    created_at: float


class Provisioning:
    """Reads and changes what is provisioned, each change in one transaction. It checks no rights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def people(self, person_id: str | None = None) -> list[ProvisionedPerson]:
        """Return all provisioned people by id, or those whose id is this one, in capitals or not."""
        query = select(PersonRow).where(PersonRow.origin.in_(_THEIRS), PersonRow.deleted_at.is_(None))
        if person_id is not None:
            query = query.where(PersonRow.folded == person_id.casefold())
        with self._database.read() as session:
            return [_person(row) for row in session.scalars(query.order_by(PersonRow.id))]

    def person(self, person_id: str) -> ProvisionedPerson:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            return _person(_person_row(session, person_id))

    def add_person(
        self, person_id: str, said: Mapping[str, Any], active: bool, name: str, email: str
    ) -> ProvisionedPerson:
        """Record a person as an employee; one whom the provider deleted comes back where the `externalId` is the same.

        Raises:
            TakenError: the id is taken, in capitals or not; a deleted person's id is, too.
        """
        now = time.time()
        with self._database.write() as session:
            row = session.scalars(select(PersonRow).where(PersonRow.folded == person_id.casefold())).one_or_none()
            if row is None:
                row = PersonRow(id=person_id, folded=person_id.casefold(), groups=[], role="employee", created_at=now)
                row.provided_groups = []
                row.origin = "scim"
                session.add(row)
            elif row.origin not in _THEIRS or row.deleted_at is None or not _same(row, said) or row.id != person_id:
                raise TakenError(
                    f"there is, or was, a person {person_id!r}, in capitals or not", "readers name ids: choose another"
                )
            row.deleted_at = None
            _say(row, said, active, name, email)
            session.flush()
            return _person(row)

    def change_person(
        self,
        person_id: str,
        change: Callable[[ProvisionedPerson], tuple[Mapping[str, Any], bool, str, str]],
    ) -> ProvisionedPerson:
        """Change a person.

        Args:
            person_id: whose.
            change: makes `said`, `active`, name and address of what is there; called within the transaction.

        Raises:
            NotFoundError: there is no such person.
        """
        with self._database.write() as session:
            row = _person_row(session, person_id, locked=True)
            before = _person(row)
            said, active, name, email = change(before)
            if (said, active) != (_said(row), before.active):
                _say(row, said, active, name, email)
            if not active:
                _end_sessions(session, person_id)
            session.flush()
            return _person(row)

    def remove_person(self, person_id: str, check: Callable[[ProvisionedPerson], None]) -> None:
        """Take everything from a person; the row stays, so that nobody else gets the id that readers name.

        Args:
            person_id: whose.
            check: looks at the person before, within the transaction, and raises where it is not to be.

        Raises:
            NotFoundError: there is no such person.
        """
        now = time.time()
        with self._database.write() as session:
            row = _person_row(session, person_id, locked=True)
            check(_person(row))
            row.disabled, row.deleted_at = True, now
            row.role, row.password = "employee", ""
            row.groups, row.provided_groups, row.curates = [], [], []
            _end_sessions(session, person_id)
            tokens = update(AccessTokenRow).where(AccessTokenRow.person_id == person_id)
            session.execute(tokens.where(AccessTokenRow.revoked_at.is_(None)).values(revoked_at=now))

    def groups(self, name: str | None = None) -> list[ProvisionedGroup]:
        """Return all provisioned groups by name, or the one of this name."""
        query = select(GroupRow).where(GroupRow.origin == "scim").order_by(GroupRow.name)
        with self._database.read() as session:
            rows = list(session.scalars(query if name is None else query.where(GroupRow.name == name)))
            return _groups(session, rows)

    def group(self, name: str) -> ProvisionedGroup:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            return _groups(session, [_group_row(session, name)])[0]

    def add_group(self, group: ProvisionedGroup) -> ProvisionedGroup:
        """Record a group with its members; one that only is a name here so far becomes the provider's.

        Raises:
            TakenError: the provider has a group of that name or external id already.
            ConfigurationError: there is no such member, or it would be in itself.
        """
        with self._database.write() as session:
            row = session.get(GroupRow, group.name, with_for_update=True)
            if row is None:
                row = GroupRow(name=group.name, created_at=time.time())
                session.add(row)
            elif row.origin == "scim":
                raise TakenError(f"there is a provisioned group {group.name!r} already", "change that one")
            row.origin = "scim"
            _write_group(session, row, ProvisionedGroup(group.name, "", None, (), (), 0.0), group)
            return _groups(session, [row])[0]

    def change_group(self, name: str, change: Callable[[ProvisionedGroup], ProvisionedGroup]) -> ProvisionedGroup:
        """Make of a group what `change` makes of it, within the transaction; its name stays.

        Raises:
            NotFoundError: there is no such group.
            TakenError: its external id is another group's.
            ConfigurationError: there is no such member, or it would be in itself.
        """
        with self._database.write() as session:
            row = _group_row(session, name, locked=True)
            before = _groups(session, [row])[0]
            _write_group(session, row, before, change(before))
            return _groups(session, [row])[0]

    def remove_group(self, name: str, check: Callable[[ProvisionedGroup], None]) -> None:
        """Take everybody out of a group and forget it; groups that were put into it here stay there.

        Raises:
            NotFoundError: there is no such group.
        """
        with self._database.write() as session:
            row = _group_row(session, name, locked=True)
            before = _groups(session, [row])[0]
            check(before)
            _move_people(session, name, before.people, ())
            of_it = (GroupMemberRow.parent == name) | (GroupMemberRow.child == name)
            session.execute(delete(GroupMemberRow).where(of_it, GroupMemberRow.origin == "scim"))
            session.delete(row)


def _person(row: PersonRow) -> ProvisionedPerson:
    changed = float(row.provisioned.get(_CHANGED, row.created_at))
    groups = tuple(sorted(row.provided_groups))
    return ProvisionedPerson(row.id, _said(row), not row.disabled, groups, row.created_at, changed)


def _said(row: PersonRow) -> dict[str, Any]:
    if not row.provisioned:  # the person came by signing in: nothing was said yet
        return {"active": not row.disabled}
    return {name: value for name, value in row.provisioned.items() if name != _CHANGED}


def _say(row: PersonRow, said: Mapping[str, Any], active: bool, name: str, email: str) -> None:
    row.provisioned = {**said, _CHANGED: time.time()}
    row.disabled = not active
    row.name, row.email = name, email


def _same(row: PersonRow, said: Mapping[str, Any]) -> bool:
    known = (row.provisioned or {}).get("externalId")
    return known is not None and known == said.get("externalId")


def _person_row(session: Session, person_id: str, *, locked: bool = False) -> PersonRow:
    row = session.get(PersonRow, person_id, with_for_update=locked)
    if row is None or row.origin not in _THEIRS or row.deleted_at is not None:
        raise NotFoundError(f"there is no provisioned person {person_id!r}", "create the person first")
    return row


def _group_row(session: Session, name: str, *, locked: bool = False) -> GroupRow:
    row = session.get(GroupRow, name, with_for_update=locked)
    if row is None or row.origin != "scim":
        raise NotFoundError(f"there is no provisioned group {name!r}", "create the group first")
    return row


def _groups(session: Session, rows: Iterable[GroupRow]) -> list[ProvisionedGroup]:
    people: dict[str, list[str]] = {}
    there = PersonRow.deleted_at.is_(None), PersonRow.origin.in_(_THEIRS)
    for person, names in session.execute(select(PersonRow.id, PersonRow.provided_groups).where(*there)):
        for name in names:
            people.setdefault(name, []).append(person)
    inner: dict[str, list[str]] = {}
    for row in session.scalars(select(GroupMemberRow).where(GroupMemberRow.origin == "scim")):
        inner.setdefault(row.parent, []).append(row.child)
    return [
        ProvisionedGroup(
            row.name,
            row.title,
            row.external_id,
            tuple(sorted(people.get(row.name, ()))),
            tuple(sorted(inner.get(row.name, ()))),
            row.created_at,
        )
        for row in rows
    ]


def _write_group(session: Session, row: GroupRow, before: ProvisionedGroup, after: ProvisionedGroup) -> None:
    if after.external_id is not None:
        other = select(GroupRow.name).where(GroupRow.external_id == after.external_id, GroupRow.name != row.name)
        if session.scalar(other) is not None:
            raise TakenError(
                f"another group has the external id {after.external_id!r}", "each group has one of its own"
            )
    row.title, row.external_id = after.title, after.external_id
    session.flush()
    _move_people(session, row.name, before.people, after.people)
    gone = sorted({*before.groups} - {*after.groups})
    if gone:
        of_it = (GroupMemberRow.parent == row.name, GroupMemberRow.child.in_(gone), GroupMemberRow.origin == "scim")
        session.execute(delete(GroupMemberRow).where(*of_it))
    for child in sorted({*after.groups} - {*before.groups}):
        inner = session.get(GroupRow, child)
        if inner is None or inner.origin != "scim":
            raise ConfigurationError(f"there is no provisioned group {child!r}", "create the group first")
        if child in closed(session, [row.name]):
            raise ConfigurationError(
                f"the group {row.name!r} is in {child!r}: neither can be in itself", "take the other way apart first"
            )
        member = session.get(GroupMemberRow, (row.name, child))
        if member is None:
            session.add(GroupMemberRow(parent=row.name, child=child, origin="scim"))
            session.flush()
        else:
            member.origin = "scim"
    session.flush()


def _move_people(session: Session, group: str, before: Iterable[str], after: Iterable[str]) -> None:
    for person in sorted({*after} ^ {*before}):
        row = session.get(PersonRow, person, with_for_update=True)
        if row is None or row.origin not in _THEIRS or row.deleted_at is not None:
            raise ConfigurationError(f"there is no provisioned person {person!r}", "create the person first")
        names = {*row.provided_groups} - {group}
        row.provided_groups = sorted({*names, group} if person in after else names)
    session.flush()


def _end_sessions(session: Session, person_id: str) -> None:
    open_ones = update(SessionRow).where(SessionRow.person_id == person_id, SessionRow.ended_at.is_(None))
    session.execute(open_ones.values(ended_at=time.time()))
