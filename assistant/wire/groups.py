"""Groups as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import BaseModel, Field

from assistant.access.groups import GroupView
from assistant.catalog import GroupRecord


class GroupJson(BaseModel):
    """A group."""

    name: str = Field(description="As readers name it, `group:NAME`.")
    title: str = Field(description="As the identity provider calls it; may be empty.")
    origin: str = Field(description="`local`, `oidc` or `scim`: who made it.")
    parents: list[str] = Field(description="The groups that it is directly in.")
    children: list[str] = Field(description="The groups that are directly in it.")
    given: list[str] = Field(description="People it was given to here.")
    provided: list[str] = Field(description="People who are in it by the identity provider.")
    documents: int = Field(description="Documents that allow or deny it by name.")

    @classmethod
    def of(cls, group: GroupRecord) -> Self:
        """Return the group as JSON."""
        return cls(
            name=group.name,
            title=group.title,
            origin=group.origin,
            parents=list(group.parents),
            children=list(group.children),
            given=list(group.given),
            provided=list(group.provided),
            documents=group.documents,
        )


class GroupsJson(BaseModel):
    """All groups."""

    groups: list[GroupJson]

    @classmethod
    def of(cls, groups: Sequence[GroupRecord]) -> Self:
        """Return the groups as JSON."""
        return cls(groups=[GroupJson.of(group) for group in groups])


class GroupMemberJson(BaseModel):
    """Somebody in a group."""

    id: str
    name: str
    disabled: bool
    way: Literal["everyone", "given", "provided", "named"] = Field(
        description="How the person is in the first of `path`."
    )
    path: list[str] = Field(description="From the group that the person is directly in to this one.")


class GroupMembersJson(BaseModel):
    """A group with everybody who is in it."""

    group: GroupJson
    members: list[GroupMemberJson]
    sources: list[str] = Field(description="Sources whose rule of readers names the group.")

    @classmethod
    def of(cls, view: GroupView) -> Self:
        """Return the group and its members as JSON."""
        return cls(
            group=GroupJson.of(view.group),
            members=[
                GroupMemberJson(
                    id=one.person.id,
                    name=one.person.name,
                    disabled=one.person.disabled,
                    way=one.path.way,
                    path=list(one.path.groups),
                )
                for one in view.members
            ],
            sources=list(view.sources),
        )
