"""Groups in groups: who is in one is in all that it is in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models_people import GroupMemberRow, GroupRow
from assistant.errors import ConfigurationError

_IN_LIMIT = 500


class Groups:
    """Reads and changes which groups are in which. It checks no rights."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def nested(self) -> Mapping[str, frozenset[str]]:
        """Return the groups that are directly in each group, by its name."""
        found: dict[str, set[str]] = {}
        with self._database.read() as session:
            for row in session.scalars(select(GroupMemberRow)):
                found.setdefault(row.parent, set()).add(row.child)
        return {parent: frozenset(children) for parent, children in found.items()}

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
        """Take a group out of another. Returns whether it was there."""
        with self._database.write() as session:
            there = delete(GroupMemberRow).where(GroupMemberRow.parent == parent, GroupMemberRow.child == child)
            return session.execute(there.returning(GroupMemberRow.child)).first() is not None


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
