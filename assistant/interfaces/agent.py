"""The agent that calls tools while an answer is written, and what writes that answer a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.types import (
    NOTHING_SO_FAR,
    AnswerEvent,
    Decide,
    Document,
    Passage,
    PlannedPicture,
    SoFar,
    TextDelta,
    ToolUse,
    User,
)
from assistant.types.chat import ChatMessage, ToolCall, ToolSpec


class Writer(Protocol):
    """Has a model write an answer; each stretch goes on where the one before it ended."""

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """What the last stretch asked for."""
        ...

    @property
    def said(self) -> str:
        """The last stretch, as the model wrote it."""
        ...

    @property
    def length(self) -> int:
        """Characters of the answer so far."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether the person wants no more."""
        ...

    def write(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> Iterator[TextDelta]:
        """Yield the next stretch as it comes. Raises ModelServerError."""
        ...

    def count(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """Return how many tokens a prompt has. Raises ModelServerError."""
        ...

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """Return each text's tokens. Raises ModelServerError."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What an agent is given for one answer.

    Attributes:
        user: who asks; every call is made for this user.
        messages: the prompt.
        tools: what the model may call.
        sources: what the numbers in the prompt stand for; passages that tools return are added.
        most_tokens: the longest prompt that the model takes, its answer left out.
        decide: is asked before a call that writes.
        so_far: what there is of an answer that goes on.
    """

    user: User
    messages: Sequence[ChatMessage]
    tools: Sequence[ToolSpec]
    sources: dict[int, Passage | Document | PlannedPicture]
    most_tokens: int
    decide: Decide
    so_far: SoFar = NOTHING_SO_FAR


class Agent(Protocol):
    """Lets a model call tools until it has written its answer."""

    @property
    def tokens(self) -> int:
        """What calls and results may take of a prompt."""
        ...

    def offered(self, user: User) -> tuple[ToolSpec, ...]:
        """Return the tools that a model may call for this user, none where there are none."""
        ...

    def run(self, job: Job, writer: Writer, uses: list[ToolUse], notes: list[str]) -> Iterator[AnswerEvent]:
        """Yield the answer's text and the calls as they come; it ends early where a call waits for a person.

        Args:
            job: the answer.
            writer: writes it.
            uses: is filled with all calls, in their order; those of `job.so_far` are in it from the start.
            notes: is filled with what the reader has to know of how the answer came to be.

        Raises:
            ModelServerError: the model does not go on. What goes wrong with a tool is told to the model.
        """
        ...
