"""Shared conversations as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from assistant.catalog import ShareRecord
from assistant.catalog.records import TurnState
from assistant.conversations import SharedConversation, ShownTurn
from assistant.wire.calls import ToolUseJson
from assistant.wire.conversations import KeptCitationJson


class ShareJson(BaseModel):
    """A conversation that is shared, as far as it went then; times are seconds since the epoch."""

    id: str = Field(description="Readers open it at `/api/shared/ID`.")
    readers: list[str] = Field(description="Groups, `group:NAME`, and people, `user:ID`.")
    created_at: float
    expires_at: float
    ended_at: float | None

    @classmethod
    def of(cls, share: ShareRecord) -> Self:
        """Return the share as JSON."""
        return cls(
            id=share.id,
            readers=list(share.principals),
            created_at=share.created_at,
            expires_at=share.expires_at,
            ended_at=share.ended_at,
        )


class SharesJson(BaseModel):
    """Whom a conversation is shared with, and was."""

    shares: list[ShareJson]

    @classmethod
    def of(cls, shares: Sequence[ShareRecord]) -> Self:
        """Return the shares as JSON."""
        return cls(shares=[ShareJson.of(share) for share in shares])


class SharedTurnJson(BaseModel):
    """A question and its answer, as a reader may see them now."""

    question: str
    state: TurnState
    answer: str = Field(description="`[withdrawn]` where you may not read all that it was made from.")
    withdrawn: bool
    citations: list[KeptCitationJson]
    tools: list[ToolUseJson]
    created_at: float

    @classmethod
    def of(cls, turn: ShownTurn) -> Self:
        """Return the turn as JSON."""
        return cls(
            question=turn.record.question,
            state=turn.record.state,
            answer=turn.record.text,
            withdrawn=turn.withdrawn,
            citations=[KeptCitationJson.kept(citation) for citation in turn.citations],
            tools=[ToolUseJson.of(use) for use in turn.tools],
            created_at=turn.record.created_at,
        )


class ListedShareJson(BaseModel):
    """A conversation that is shared with you."""

    id: str
    owner: str
    title: str
    created_at: float
    expires_at: float

    @classmethod
    def listed(cls, share: ShareRecord, title: str) -> Self:
        """Return it as JSON."""
        return cls(
            id=share.id, owner=share.owner, title=title, created_at=share.created_at, expires_at=share.expires_at
        )


class SharedWithMeJson(BaseModel):
    """What is shared with you, the newest first."""

    shared: list[ListedShareJson]


class SharedJson(ListedShareJson):
    """A shared conversation, as you may read it now."""

    turns: list[SharedTurnJson]

    @classmethod
    def of(cls, shared: SharedConversation) -> Self:
        """Return the conversation as JSON."""
        listed = ListedShareJson.listed(shared.share, shared.title)
        return cls(**listed.model_dump(), turns=[SharedTurnJson.of(turn) for turn in shared.turns])
