"""Groups, and groups in groups: who is in one is in all that it is in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import GrantRow
from assistant.catalog.models_people import GroupMemberRow, GroupRow, PersonRow
from assistant.errors import ConfigurationError

_IN_LIMIT = 500


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group as the catalog knows it: its row, or a name that people, readers or other groups have.

    Attributes:
        name: as readers name it, `group:NAME`.
        title: as the identity provider calls it; may be empty.
        origin: local, oidc or scim: who made it.
        parents: the groups that it is directly in, sorted.
        children: the groups that are directly in it, sorted.
        given: ids of the people that it was given to here, sorted.
        provided: ids of the people that the identity provider says are in it, sorted.
        documents: how many documents allow or deny it by name.
    """

    name: str
    title: str = ""
    origin: str = "local"
    parents: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    provided: tuple[str, ...] = ()
    documents: int = 0


class Groups:
    """Reads and changes which groups are in which. It checks no rights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[GroupRecord]:
        """Return all groups by name: made ones, and all whose names people, readers and other groups have."""
        with self._database.read() as session:
            rows = {row.name: row for row in session.scalars(select(GroupRow))}
            edges = [(row.parent, row.child) for row in session.scalars(select(GroupMemberRow))]
            given, provided = _members(session)
            named = _named_by_documents(session)
        parents: dict[str, set[str]] = {}
        children: dict[str, set[str]] = {}
        for parent, child in edges:
            parents.setdefault(child, set()).add(parent)
            children.setdefault(parent, set()).add(child)
        return [
            GroupRecord(
                name=name,
                title=rows[name].title if name in rows else "",
                origin=rows[name].origin if name in rows else "local",
                parents=tuple(sorted(parents.get(name, ()))),
                children=tuple(sorted(children.get(name, ()))),
                given=tuple(sorted(given.get(name, ()))),
                provided=tuple(sorted(provided.get(name, ()))),
                documents=named.get(name, 0),
            )
            for name in sorted({*rows, *parents, *children, *given, *provided, *named})
        ]

    def nested(self) -> Mapping[str, frozenset[str]]:
        """Return the groups that are directly in each group, by its name."""
        found: dict[str, set[str]] = {}
        with self._database.read() as session:
            for row in session.scalars(select(GroupMemberRow)):
                found.setdefault(row.parent, set()).add(row.child)
        return {parent: frozenset(children) for parent, children in found.items()}

    def closed(self, names: Iterable[str]) -> frozenset[str]:
        """Return these groups with all that they are in."""
        with self._database.read() as session:
            return closed(session, names)

    def nest(self, parent: str, child: str) -> None:
        """Put a group into another: whoever is in `child` is in `parent` too. It is no error that it is there already.

        Raises:
            ConfigurationError: `parent` is in `child`, directly or not, or they are one.
        """
        with self._database.write() as session:
            if child in closed(session, [parent]):
                raise ConfigurationError(
                    f"the group {parent!r} is in {child!r}: neither can be in itself", "take the other way apart first"
                )
            for name in (parent, child):
                if session.get(GroupRow, name) is None:
                    session.add(GroupRow(name=name, created_at=time.time()))
            if session.get(GroupMemberRow, (parent, child)) is None:
                session.add(GroupMemberRow(parent=parent, child=child))

    def unnest(self, parent: str, child: str) -> bool:
        """Take a group out of another. Returns whether it was there.

        Raises:
            ConfigurationError: the identity provider put it there, and would not know.
        """
        with self._database.write() as session:
            row = session.get(GroupMemberRow, (parent, child))
            if row is not None and row.origin == "scim":
                raise ConfigurationError(
                    f"the identity provider says that the group {child!r} is in {parent!r}", "change it there"
                )
            there = delete(GroupMemberRow).where(GroupMemberRow.parent == parent, GroupMemberRow.child == child)
            return session.execute(there.returning(GroupMemberRow.child)).first() is not None


def _members(session: Session) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return who is directly in which group: given here, and by the identity provider."""
    given: dict[str, set[str]] = {}
    provided: dict[str, set[str]] = {}
    for person, here, there in session.execute(select(PersonRow.id, PersonRow.groups, PersonRow.provided_groups)):
        for names, found in ((here, given), (there, provided)):
            for name in names:
                found.setdefault(name, set()).add(person)
    return given, provided


def _named_by_documents(session: Session) -> dict[str, int]:
    documents = func.count(GrantRow.document_id.distinct())
    query = select(GrantRow.principal, documents).where(GrantRow.principal.startswith("group:"))
    return {name.removeprefix("group:"): count for name, count in session.execute(query.group_by(GrantRow.principal))}


def closed(session: Session, names: Iterable[str]) -> frozenset[str]:
    """Return these groups, those that they are in, those that those are in, and so on."""
    found: set[str] = set()
    level = set(names)
    while level:
        found |= level
        part, deeper = sorted(level), set[str]()
        for start in range(0, len(part), _IN_LIMIT):
            within = GroupMemberRow.child.in_(part[start : start + _IN_LIMIT])
            deeper.update(session.scalars(select(GroupMemberRow.parent).where(within)))
        level = deeper - found
    return frozenset(found)
