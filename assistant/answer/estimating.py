"""Says before a question is asked what its answer would read: the plan, without the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.types import AnswerEvent, DocumentInfo, Filters, PlanReady, Question, User


class Planning(Protocol):
    """What announces a plan before it answers: an answerer."""

    def stream(self, question: Question, user: User) -> Iterator[AnswerEvent]:
        """Return the events; the plan is one of the first."""
        ...


class Shelves(Protocol):
    """Counts what a user may read."""

    def documents(self, user: User, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return every document that the user may read, of these sources or of all."""
        ...

    def count(self, user: User, sources: Sequence[str] | None = None) -> tuple[int, int]:
        """Return how many documents and chunks those are."""
        ...

    def tokens(self, user: User, sources: Sequence[str] | None = None) -> int:
        """Return how long they are together, in the embedder's tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an answer would read.

    Attributes:
        documents, tokens: all that the user may read within the question's filters; tokens of the embedder.
        plan: as it would be announced; None where nothing was asked yet. An answer may read more in a second step.
    """

    documents: int
    tokens: int
    plan: PlanReady | None


def estimate(question: Question, user: User, answerer: Planning, shelves: Shelves) -> Estimate:
    """Return what an answer would read. Without a text, the question is not planned: only what there is, is counted.

    Args:
        question: as it would be asked, with its filters, mode and budget; what was said before it is not looked at.
        user: who asks; only what this user may read is searched, planned and counted.
        answerer: plans as it would for an answer, and is stopped then.
        shelves: count.

    Raises:
        AssistantError: as the answerer does.
    """
    documents, tokens = _within(question.filters, user, shelves)
    return Estimate(documents, tokens, _planned(question, user, answerer) if question.text.strip() else None)


def _planned(question: Question, user: User, answerer: Planning) -> PlanReady | None:
    events = answerer.stream(question, user)
    try:
        return next((event for event in events if isinstance(event, PlanReady)), None)
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def _within(filters: Filters, user: User, shelves: Shelves) -> tuple[int, int]:
    if filters == Filters(sources=filters.sources):
        return shelves.count(user, filters.sources)[0], shelves.tokens(user, filters.sources)
    allowed = [info.tokens for info in shelves.documents(user, filters.sources) if filters.allows(info)]
    return len(allowed), sum(allowed)
