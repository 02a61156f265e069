"""Sharing conversations, and reading what others share: which shares no document."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.conversations.sharing import DAYS, MOST_DAYS
from assistant.wire.shares import ListedShareJson, SharedJson, SharedWithMeJson, ShareJson, SharesJson

router = APIRouter(prefix="/api", tags=["sharing"])


class NewShare(BaseModel):
    """Whom to share a conversation with."""

    model_config = ConfigDict(extra="forbid")

    readers: Annotated[list[str], Field(min_length=1, max_length=100, description="Groups, and `user:ID` for people.")]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = DAYS


@router.get("/conversations/{conversation}/shares")
def shares(conversation: str, context: ContextOf, user: UserOf) -> SharesJson:
    """Return whom a conversation of the caller's is shared with, and was."""
    return SharesJson.of(context.app.conversations.shares.of(user, conversation))


@router.post("/conversations/{conversation}/shares", status_code=201)
def share(conversation: str, body: NewShare, context: ContextOf, user: UserOf) -> ShareJson:
    """Share a conversation of the caller's, as far as it goes now; each reader sees what the reader may read."""
    return ShareJson.of(context.app.conversations.shares.add(user, conversation, body.readers, body.days))


@router.delete("/conversations/{conversation}/shares/{share}")
def end_share(conversation: str, share: str, context: ContextOf, user: UserOf) -> ShareJson:
    """End a share, from the next request on."""
    return ShareJson.of(context.app.conversations.shares.end(user, conversation, share))


@router.get("/shared")
def shared_with_me(context: ContextOf, user: UserOf) -> SharedWithMeJson:
    """Return what is shared with the caller now, the newest first."""
    found = context.app.conversations.shares.with_me(user)
    return SharedWithMeJson(shared=[ListedShareJson.listed(one, title) for one, title in found])


@router.get("/shared/{share}")
def shared(share: str, context: ContextOf, user: UserOf) -> SharedJson:
    """Return a conversation that is shared with the caller, as the caller may read it now."""
    return SharedJson.of(context.app.conversations.shares.read(user, share))
