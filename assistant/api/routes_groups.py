"""Groups, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.wire.groups import GroupJson, GroupMembersJson, GroupsJson

router = APIRouter(prefix="/api/groups", tags=["groups"])


class NestJson(BaseModel):
    """Which group to put into which."""

    parent: Annotated[str, Field(max_length=200, description="The outer group.")]
    child: Annotated[str, Field(max_length=200, description="Whoever is in it is in the outer one too.")]


@router.get("")
def groups(context: ContextOf, user: UserOf) -> GroupsJson:
    """Return all groups: those of people, of documents' readers, of sources' rules and of other groups."""
    return GroupsJson.of(context.app.rights.groups.all(user))


@router.get("/members")
def members(context: ContextOf, user: UserOf, name: str) -> GroupMembersJson:
    """Return a group with everybody in it, and the way through nested groups by which they are."""
    return GroupMembersJson.of(context.app.rights.groups.show(name, user))


@router.post("/nested", status_code=201)
def nest(body: NestJson, context: ContextOf, user: UserOf) -> GroupJson:
    """Put a group into another, from the next request on."""
    note(parent=body.parent, child=body.child)
    return GroupJson.of(context.app.rights.groups.nest(body.parent, body.child, user))


@router.delete("/nested")
def unnest(context: ContextOf, user: UserOf, parent: str, child: str) -> GroupJson:
    """Take a group out of another, from the next request on; returns the outer one."""
    note(parent=parent, child=child)
    return GroupJson.of(context.app.rights.groups.unnest(parent, child, user))
