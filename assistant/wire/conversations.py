"""Conversations as JSON, as their person may read them now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from assistant.catalog import ConversationRecord, TurnRecord
from assistant.catalog.records import TurnOrigin, TurnState
from assistant.conversations import Conversation, ShownCitation, ShownTurn
from assistant.types import CitationKind
from assistant.wire.answers import CitationJson, PlanJson, RegionJson
from assistant.wire.calls import ToolUseJson
from assistant.wire.documents import DocumentJson, SpotJson


class KeptCitationJson(BaseModel):
    """A citation of a stored answer, as it stands now; where it is withdrawn, its place and quote are left out."""

    number: int
    withdrawn: Literal["gone", "changed"] | None = Field(
        description="Why it is: `gone`: there is no such document that you may read; `changed`: it says that no more."
    )
    kind: CitationKind = "text"
    document: DocumentJson | None = Field(description="Null where it is gone.")
    page: int | None = None
    start: int | None = None
    end: int | None = None
    quote: str = ""
    heading_path: list[str] = Field(default_factory=list)
    pictures: list[int] = Field(default_factory=list)
    verified: bool = False
    supported: bool | None = None
    statement: SpotJson | None = None
    flagged: bool = False
    regions: list[RegionJson] = Field(default_factory=list)

    @classmethod
    def kept(cls, shown: ShownCitation) -> KeptCitationJson:
        """Return the JSON for the citation."""
        if shown.citation is not None:
            return cls(withdrawn=None, **CitationJson.of(shown.citation).model_dump())
        document = None if shown.document is None else DocumentJson.of(shown.document)
        return cls(number=shown.number, withdrawn=shown.withdrawn, document=document)


class AttachmentJson(BaseModel):
    """A picture that belongs to a question; its file is at the turn's `attachments/NUMBER`."""

    number: int = Field(description="From 1.")
    name: str
    media_type: str
    carried: bool = Field(description="It was attached to a question before this one.")

    @classmethod
    def kept(cls, turn: TurnRecord) -> list[AttachmentJson]:
        """Return the JSON for a turn's pictures."""
        return [
            cls(number=number, name=row["name"], media_type=row["media_type"], carried=row["carried"])
            for number, row in enumerate(turn.options.get("attachments", ()), 1)
        ]


class HistoryJson(BaseModel):
    """What a question was answered with of the turns before it."""

    turns: int = Field(description="How many of them.")
    left_out: int = Field(description="How many older ones there was no room for.")
    shortened: bool = Field(description="The last answer is there with its beginning only.")
    tokens: int
    budget: int


class FailureReasonJson(BaseModel):
    """Why an answer failed or broke off."""

    error: str
    hint: str
    code: str


class TurnJson(BaseModel):
    """A question and its answer. Turns with the same parent are versions of one another."""

    id: str
    parent: str | None = Field(description="The turn that it follows; null: it is the first.")
    versions: list[str] = Field(description="The turns that stand where it does, itself included, the oldest first.")
    origin: TurnOrigin
    question: str
    standalone: str = Field(description="What was searched and answered, where that is another question; else empty.")
    mode: Literal["auto", "chunks", "documents", "corpus"]
    budget: int | None
    filters: dict[str, Any]
    asked_model: str = Field(description="The model that was asked for; empty: any.")
    attachments: list[AttachmentJson]
    history: HistoryJson
    state: TurnState
    answer: str = Field(description="Its text so far, with `[withdrawn]` for what may not be read now.")
    withdrawn: bool = Field(description="Whether some of the text is withdrawn.")
    found: bool | None = Field(description="False: the documents do not say. Null: the answer is not finished.")
    citations: list[KeptCitationJson]
    plan: PlanJson | None
    hidden: int = Field(description="Documents that the plan does not name, as you may not read them now.")
    model: str
    why: str = Field(description="Why it is this model; empty where there is no choice.")
    usage: dict[str, int | None]
    timings: dict[str, float]
    notes: list[str] = Field(description="What has to be known of how the answer came to be, a sentence each.")
    fallback: bool = Field(description="Sentences are quoted because the language model did not answer.")
    dropped: int = Field(description="Marks of the model that pointed to nothing and were left out.")
    tools: list[ToolUseJson] = Field(description="Calls of tools in their order, as you may read their results now.")
    error: FailureReasonJson | None
    created_at: float = Field(description="Seconds since the epoch, UTC.")
    finished_at: float | None

    @classmethod
    def of(cls, turn: ShownTurn) -> TurnJson:
        """Return the JSON for the turn."""
        record, answer = turn.record, turn.record.answer
        return cls(
            **_asked(record),
            versions=list(turn.versions),
            standalone=turn.standalone,
            history=HistoryJson(**record.context["history"]),
            answer=record.text,
            withdrawn=turn.withdrawn,
            found=answer.get("found"),
            citations=[KeptCitationJson.kept(citation) for citation in turn.citations],
            plan=None if turn.plan is None else PlanJson.of(turn.plan),
            hidden=turn.hidden,
            model=answer.get("model", ""),
            usage=answer.get("usage", {}),
            timings={name: round(seconds, 4) for name, seconds in answer.get("timings", {}).items()},
            why=answer.get("why", ""),
            notes=answer.get("notes", []),
            fallback=answer.get("fallback", False),
            dropped=answer.get("dropped", 0),
            tools=[ToolUseJson.of(use) for use in turn.tools],
            error=FailureReasonJson(**record.error) if record.error else None,
        )


class ListedConversationJson(BaseModel):
    """A conversation in a list."""

    id: str
    title: str
    titled_by: Literal["question", "model", "person"]
    created_at: float = Field(description="Seconds since the epoch, UTC.")
    updated_at: float = Field(description="When its last question was asked.")
    pinned: bool = Field(description="Whether it is kept at the top of the list.")

    @classmethod
    def listed(cls, record: ConversationRecord) -> ListedConversationJson:
        """Return the JSON for the conversation."""
        return cls(
            id=record.id,
            title=record.title,
            titled_by=record.titled_by,
            created_at=record.created_at,
            updated_at=record.updated_at,
            pinned=record.pinned_at is not None,
        )


class ConversationsJson(BaseModel):
    """A stretch of a person's conversations, the pinned and then the last used first; `total` counts all found."""

    conversations: list[ListedConversationJson]
    total: int

    @classmethod
    def of(cls, records: Sequence[ConversationRecord], total: int) -> ConversationsJson:
        """Return the JSON for the conversations."""
        return cls(conversations=[ListedConversationJson.listed(record) for record in records], total=total)


class ConversationJson(ListedConversationJson):
    """A conversation with its turns."""

    shown: str | None = Field(description="The last turn of the branch that is shown.")
    turns: list[TurnJson]

    @classmethod
    def of(cls, conversation: Conversation) -> ConversationJson:
        """Return the JSON for the conversation."""
        listed = ListedConversationJson.listed(conversation.record).model_dump()
        return cls(**listed, shown=conversation.record.shown, turns=[TurnJson.of(turn) for turn in conversation.turns])


def _asked(record: TurnRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "parent": record.parent,
        "origin": record.origin,
        "question": record.question,
        "mode": record.options["mode"],
        "budget": record.options["budget"],
        "filters": record.options["filters"],
        "asked_model": record.options["model"],
        "attachments": AttachmentJson.kept(record),
        "state": record.state,
        "created_at": record.created_at,
        "finished_at": record.finished_at,
    }
