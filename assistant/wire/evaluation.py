"""Feedback on answers and kept questions as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from assistant.catalog import FeedbackRecord
from assistant.evaluation.cases import AnswerCase
from assistant.evaluation.desk import KeptQuestion, ShownFeedback


class CitedJson(BaseModel):
    """A document that an answer cited."""

    source: str
    key: str


Cause = Literal["", "wrong", "incomplete", "sources", "outdated", "unclear", "other"]


class FeedbackJson(BaseModel):
    """What a person said of an answer."""

    id: str
    user: str
    groups: list[str] = Field(description="That the person read with.")
    question: str
    answer: str
    verdict: Literal["up", "down"]
    reason: str
    cited: list[CitedJson]
    created_at: float = Field(description="Seconds since the epoch, UTC.")
    turn: str | None = Field(None, description="Of a conversation, where the answer is one's.")
    cause: str = Field("", description="What was wrong, as one of a few words; may be empty.")
    withheld: bool = Field(
        False, description="Answer, reason and citations are left out: they repeat documents that you may not read."
    )

    @classmethod
    def of(cls, record: FeedbackRecord, *, withheld: bool = False) -> FeedbackJson:
        """Return the JSON for the record."""
        return cls(
            id=record.id,
            user=record.user,
            groups=list(record.groups),
            question=record.question,
            answer=record.answer,
            verdict=record.verdict,
            reason=record.reason,
            cited=[CitedJson(source=source, key=key) for source, key in record.cited],
            created_at=record.created_at,
            turn=record.turn,
            cause=record.cause,
            withheld=withheld,
        )

    @classmethod
    def shown(cls, shown: ShownFeedback) -> FeedbackJson:
        """Return the JSON for feedback as an admin sees it."""
        return cls.of(shown.record, withheld=shown.withheld)


class OwnFeedbackJson(BaseModel):
    """What you said of an answer of yours."""

    turn: str
    verdict: Literal["up", "down"]
    cause: str
    reason: str
    created_at: float = Field(description="Seconds since the epoch, UTC.")

    @classmethod
    def own(cls, record: FeedbackRecord) -> OwnFeedbackJson:
        """Return the JSON for what the caller said of a turn."""
        return cls(
            turn=record.turn or "",
            verdict=record.verdict,
            cause=record.cause,
            reason=record.reason,
            created_at=record.created_at,
        )


class QuoteJson(BaseModel):
    """Words that stand in a document."""

    quote: str
    document: str = Field("", description="One of the question's documents; empty: any of them.")


class ReaderJson(BaseModel):
    """As whom a question is asked."""

    id: str
    groups: list[str]

    @classmethod
    def of(cls, case: AnswerCase) -> ReaderJson | None:
        """Return the JSON for a case's reader."""
        return None if case.reader is None else cls(id=case.reader.id, groups=sorted(case.reader.groups))


class KeptQuestionJson(BaseModel):
    """A question that is kept to measure answers with, and what its answer should be."""

    id: str
    question: str
    documents: list[str]
    quotes: list[QuoteJson]
    facts: list[str]
    gold_answer: str
    answerable: bool
    reader: ReaderJson | None = Field(description="As whom it is asked; null: as whoever measures.")
    origin: Literal["feedback", "hand", "import"]
    feedback_id: str | None
    added_by: str
    added_at: float = Field(description="Seconds since the epoch, UTC.")
    withheld: bool = Field(description="What is expected is left out: it repeats documents that you may not read.")

    @classmethod
    def of(cls, kept: KeptQuestion) -> KeptQuestionJson:
        """Return the JSON for the kept question."""
        case, record = kept.case, kept.record
        return cls(
            id=record.id,
            question=case.question,
            documents=list(case.documents),
            quotes=[QuoteJson(quote=quote.text, document=quote.document) for quote in case.quotes],
            facts=list(case.facts),
            gold_answer=case.gold_answer,
            answerable=case.answerable,
            reader=ReaderJson.of(case),
            origin=record.origin,
            feedback_id=record.feedback_id,
            added_by=record.added_by,
            added_at=record.added_at,
            withheld=kept.withheld,
        )


class KeptQuestionsJson(BaseModel):
    """The kept questions, oldest first."""

    questions: list[KeptQuestionJson]
