"""What the API's JSON means to the UI, of groups and who is in them."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Group:
    """A group: `parents` it is directly in, `children` are directly in it; `given` and `provided` are ids of people."""

    name: str
    title: str
    origin: str
    parents: tuple[str, ...]
    children: tuple[str, ...]
    given: tuple[str, ...]
    provided: tuple[str, ...]
    documents: int

    @property
    def called(self) -> str:
        """The name, with what the identity provider calls it where that is another."""
        return f"{self.name} ({self.title})" if self.title and self.title != self.name else self.name

    @property
    def is_empty(self) -> bool:
        """Whether nobody and no group is directly in it."""
        return not (self.given or self.provided or self.children)

    def matches(self, wanted: str) -> bool:
        """Return whether a part of what is known of the group is this, in small letters."""
        return any(wanted in one.casefold() for one in (self.name, self.title, *self.given, *self.provided))

    @classmethod
    def read(cls, data: Json) -> Group:
        """Read a group."""
        return cls(
            name=str(data["name"]),
            title=str(data["title"]),
            origin=str(data["origin"]),
            parents=tuple(map(str, data["parents"])),
            children=tuple(map(str, data["children"])),
            given=tuple(map(str, data["given"])),
            provided=tuple(map(str, data["provided"])),
            documents=int(data["documents"]),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group; `path` leads from the group that the person is directly in, in this `way`, to this one."""

    id: str
    name: str
    disabled: bool
    way: str
    path: tuple[str, ...]

    @property
    def called(self) -> str:
        """The name, or the id where there is none."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class GroupMembers:
    """A group with everybody in it, and the sources whose rule of readers names it."""

    group: Group
    members: tuple[Member, ...]
    sources: tuple[str, ...]

    @classmethod
    def read(cls, data: Json) -> GroupMembers:
        """Read a group with its members."""
        members = tuple(
            Member(
                str(one["id"]),
                str(one["name"]),
                bool(one["disabled"]),
                str(one["way"]),
                tuple(map(str, one["path"])),
            )
            for one in data["members"]
        )
        return cls(Group.read(data["group"]), members, tuple(map(str, data["sources"])))
