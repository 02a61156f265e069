"""Runs of an evaluation, and questions that got no good answer, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from assistant.catalog import EvaluationRecord
from assistant.evaluation.results import Item
from assistant.evaluation.running import ShownResult
from assistant.evaluation.unanswered import Unanswered
from assistant.wire.usage import day_of

Reason = Literal["not_found", "failed", "unverified"]


class EvaluationJson(BaseModel):
    """A run of the kept questions."""

    id: str
    started_by: str
    started_at: float = Field(description="Seconds since the epoch, UTC.")
    finished_at: float | None
    state: Literal["running", "done", "failed", "cancelled", "interrupted"]
    done: int
    total: int
    mode: str
    error: str
    used: dict[str, str] = Field(description="What answered: models, embedder, version.")
    scores: dict[str, float | None] = Field(description="By name, as `assistant eval answers` has them.")

    @classmethod
    def of(cls, record: EvaluationRecord) -> Self:
        """Return the JSON for a run."""
        return cls(**_fields(record))


class EvaluationsJson(BaseModel):
    """The newest runs, newest first."""

    evaluations: list[EvaluationJson]


class ItemJson(BaseModel):
    """A thing that was expected or found; see `assistant.evaluation.Item`."""

    name: str
    note: str
    good: bool | None
    text: str

    @classmethod
    def of(cls, item: Item) -> Self:
        """Return the JSON for an item."""
        return cls(name=item.name, note=item.note, good=item.good, text=item.text)


class EvaluationResultJson(BaseModel):
    """What came of one question."""

    id: str
    question: str
    scores: dict[str, float | None]
    expected: list[ItemJson]
    found: list[ItemJson]
    seconds: float
    answer: str
    note: str
    withheld: bool = Field(description="All but the figures is left out: it may repeat what you may not read.")

    @classmethod
    def of(cls, shown: ShownResult) -> Self:
        """Return the JSON for what is shown of a question."""
        result = shown.result
        return cls(
            id=result.id,
            question=result.text,
            scores=dict(result.scores),
            expected=[ItemJson.of(one) for one in result.expected],
            found=[ItemJson.of(one) for one in result.found],
            seconds=round(result.seconds, 3),
            answer=result.answer,
            note=result.note,
            withheld=shown.withheld,
        )


class EvaluationDetailJson(EvaluationJson):
    """A run with what came of its questions."""

    results: list[EvaluationResultJson]

    @classmethod
    def shown(cls, record: EvaluationRecord, results: list[ShownResult]) -> Self:
        """Return the JSON for a run and what is shown of its questions."""
        return cls(**_fields(record), results=[EvaluationResultJson.of(one) for one in results])


class PoorJson(BaseModel):
    """A question that got no good answer, without who asked it."""

    question: str
    day: str = Field(description="UTC.")
    why: Reason
    mode: str


class TopicJson(BaseModel):
    """Questions that share words."""

    words: list[str]
    members: list[int] = Field(description="Their places in `questions`, from 0.")


class UnansweredJson(BaseModel):
    """What got no good answer."""

    counts: dict[str, int] = Field(description="By reason: `not_found`, `failed`, `unverified`.")
    shown: bool = Field(description="Whether the house shows the words of questions: the setting `quality_questions`.")
    questions: list[PoorJson]
    topics: list[TopicJson]

    @classmethod
    def of(cls, found: Unanswered) -> Self:
        """Return the JSON for what was found."""
        return cls(
            counts={str(why): number for why, number in found.counts.items()},
            shown=found.shown,
            questions=[
                PoorJson(question=one.question, day=day_of(one.day), why=one.why, mode=one.mode)
                for one in found.questions
            ],
            topics=[TopicJson(words=list(one.words), members=list(one.members)) for one in found.topics],
        )


def _fields(record: EvaluationRecord) -> dict[str, Any]:
    scores: Mapping[str, Any] = record.scores
    return {
        "id": record.id,
        "started_by": record.started_by,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
        "state": record.state,
        "done": record.done,
        "total": record.total,
        "mode": record.mode,
        "error": record.error,
        "used": dict(record.used),
        "scores": dict(scores),
    }
