"""The calls about groups."""

from __future__ import annotations

from ui.calls import HttpCalls
from ui.groups import Group, GroupMembers


class GroupCalls(HttpCalls):
    """See `HttpCalls`."""

    def groups(self) -> tuple[Group, ...]:
        """Return all groups by name: those of people, of readers, of sources' rules and of other groups."""
        return self._read(lambda data: tuple(map(Group.read, data["groups"])), "GET", "/api/groups")

    def group_members(self, name: str) -> GroupMembers:
        """Return a group with everybody in it, and how."""
        return self._read(GroupMembers.read, "GET", "/api/groups/members", params={"name": name})

    def nest_group(self, parent: str, child: str) -> Group:
        """Put a group into another."""
        return self._read(Group.read, "POST", "/api/groups/nested", json={"parent": parent, "child": child})

    def unnest_group(self, parent: str, child: str) -> Group:
        """Take a group out of another."""
        return self._read(Group.read, "DELETE", "/api/groups/nested", params={"parent": parent, "child": child})
