"""The requests of conversations, and the response that only the API has."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.api.schemas import AttachedFile
from assistant.wire import FiltersJson
from assistant.wire.conversations import ListedConversationJson, TurnJson

Mode = Literal["auto", "chunks", "documents", "corpus"]


class NewQuestion(FiltersJson):
    """A question."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=100_000, pattern=r"\S")
    mode: Mode | None = Field(None, description="null: as configured.")
    budget: int | None = Field(None, ge=1, le=2**53, description="Tokens of context; null: as configured.")
    model: str = Field("", max_length=200, description="Which model is to answer; empty: the cheapest that can.")
    attachments: list[AttachedFile] = Field(default_factory=list, max_length=100, description="Pictures; kept.")


class NextQuestion(NewQuestion):
    """A question that goes on with a conversation.

    Without pictures of its own it is asked with those of the last of the three questions before it that had some.
    """

    follows: str | None = Field(None, description="The turn that it follows; null: the last one that is shown.")


class EditedQuestion(NewQuestion):
    """Another question in the place of one."""

    budget: int | None = Field(
        None,
        ge=1,
        le=2**53,
        description="Tokens of context; left out: as for the former question, null: as configured.",
    )
    keep_attachments: bool = Field(True, description="The pictures of the former question belong to this one too.")


class Again(BaseModel):
    """How a question is answered again; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode | None = None
    budget: int | None = Field(None, ge=1, le=2**53)
    model: str | None = Field(None, max_length=200)


class DecisionRequest(BaseModel):
    """What you say to a call that waits."""

    model_config = ConfigDict(extra="forbid")

    approved: bool = Field(description="Whether the call is to be made.")
    arguments: dict[str, Any] | None = Field(None, description="In place of the model's; null: as they are.")
    reason: str = Field("", max_length=2000, description="Why it is not to be made; the model is told.")


class Changes(BaseModel):
    """What to change of a conversation; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, min_length=1, max_length=300)
    shown: str | None = Field(None, description="A turn: the branch through it, to its newest end, is shown.")
    pinned: bool | None = Field(None, description="Whether it is kept at the top of the list.")


class StartedJson(BaseModel):
    """A conversation that has begun, and its first turn, which is being answered."""

    conversation: ListedConversationJson
    turn: TurnJson
