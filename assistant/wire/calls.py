"""Calls of tools as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from assistant.types import CallState, ToolUse
from assistant.wire.documents import DocumentJson


class ToolPlaceJson(BaseModel):
    """A place in a document that a call returned and that the answer may cite by its number."""

    number: int
    document: DocumentJson
    page: int | None = Field(description="From 1; null where the format has no pages.")
    start: int = Field(description="First character in the document's text, in Unicode code points.")
    end: int = Field(description="One past the last character.")


class ToolUseJson(BaseModel):
    """A call of a tool."""

    id: str = Field(description="Unique within the answer.")
    step: int = Field(description="From 1; calls of one step do not depend on each other.")
    name: str
    arguments: dict[str, Any]
    proposed: dict[str, Any] | None = Field(description="The model's arguments, where a person changed them.")
    writes: bool = Field(description="It changes something: a person is asked first.")
    reaches_out: bool = Field(description="Its arguments leave the machine: a person is asked first.")
    state: CallState = Field(description="`waiting` for a person, `approved`, `running`, or how it ended.")
    result: str = Field(description="What it returned, beside the places; empty before it has.")
    places: list[ToolPlaceJson]
    error: str = Field(description="Why it failed; empty where it did not.")
    reason: str = Field(description="Why a person rejected it; may be empty.")
    seconds: float
    at: int = Field(description="Characters of the answer that were written before it.")

    @classmethod
    def of(cls, use: ToolUse) -> ToolUseJson:
        """Return the JSON for the call."""
        return cls(
            id=use.id,
            step=use.step,
            name=use.name,
            arguments=dict(use.arguments),
            proposed=None if use.proposed is None else dict(use.proposed),
            writes=use.writes,
            reaches_out=use.reaches_out,
            state=use.state,
            result=use.text,
            places=[
                ToolPlaceJson(
                    number=number, document=DocumentJson.of(one.ref), page=one.page, start=one.start, end=one.end
                )
                for number, one in enumerate(use.passages, start=use.first)
            ],
            error=use.error,
            reason=use.reason,
            seconds=round(use.seconds, 4),
            at=use.at,
        )
