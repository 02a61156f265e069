"""The catalog's feedback on answers, and the questions that are kept to measure answers with."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, delete, func, select

from assistant.catalog import events
from assistant.catalog.database import Database
from assistant.catalog.models import FeedbackRow, QuestionRow
from assistant.errors import NotFoundError
from assistant.types import User

Verdict = Literal["up", "down"]
Origin = Literal["feedback", "hand", "import"]


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """What a person said of an answer.

    Attributes:
        id: its id.
        user: the person's id.
        groups: the groups that the person read with, sorted.
        reads_everything: whether it was the operator, who reads without a grant.
        question, answer: as they were.
        verdict: whether the answer was good.
        reason: why, in the person's words; may be empty.
        cited: source and key of the documents that the answer cited.
        created_at: when, in seconds since the epoch.
        turn: the turn of a conversation that it is on; None: of none.
        cause: what was wrong, as one of a few words; may be empty.
        rests_on: ids of all documents that the answer may repeat, as far as they are known beside those cited.
    """

    id: str
    user: str
    groups: tuple[str, ...]
    reads_everything: bool
    question: str
    answer: str
    verdict: Verdict
    reason: str
    cited: tuple[tuple[str, str], ...]
    created_at: float
    turn: str | None = None
    cause: str = ""
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A question that is kept.

    Attributes:
        id: its id.
        expected: the question and what its answer should be, as question files have it.
        origin: where it came from.
        feedback_id: of the feedback that it was made of; that may be gone.
        added_by: who added it.
        added_at: when, in seconds since the epoch.
    """

    id: str
    expected: Mapping[str, Any]
    origin: Origin
    feedback_id: str | None
    added_by: str
    added_at: float


class FeedbackTable:
    """Reads and changes the table of feedback. It checks no rights: `evaluation.QuestionDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        user: User,
        question: str,
        answer: str,
        verdict: Verdict,
        reason: str,
        cited: Sequence[tuple[str, str]],
        *,
        turn: str | None = None,
        cause: str = "",
        rests_on: Collection[str] = (),
    ) -> FeedbackRecord:
        """Record what the user says of an answer; on a turn it takes the place of what the user said of that before."""
        row = FeedbackRow(
            id=str(uuid.uuid4()),
            user=user.id,
            groups=sorted(user.groups),
            reads_everything=user.reads_everything,
            question=question,
            answer=answer,
            verdict=verdict,
            reason=reason,
            cited=[list(document) for document in cited],
            created_at=time.time(),
            turn=turn,
            cause=cause,
            rests_on=sorted(rests_on),
        )
        with self._database.write() as session:
            if turn is not None:
                session.execute(delete(FeedbackRow).where(FeedbackRow.user == user.id, FeedbackRow.turn == turn))
            session.add(row)
            events.feedback_given(session, row)
            return _feedback(row)

    def on_turns(self, user: User, turns: Collection[str]) -> list[FeedbackRecord]:
        """Return what the user said of these turns."""
        query = select(FeedbackRow).where(FeedbackRow.user == user.id, FeedbackRow.turn.in_(turns))
        with self._database.read() as session:
            return [_feedback(row) for row in session.scalars(query)]

    def newest(self, limit: int, verdict: Verdict | None = None, offset: int = 0) -> list[FeedbackRecord]:
        """Return the newest feedback, newest first, after the first `offset`."""
        query = select(FeedbackRow).order_by(FeedbackRow.created_at.desc(), FeedbackRow.id).limit(limit).offset(offset)
        if verdict is not None:
            query = query.where(FeedbackRow.verdict == verdict)
        with self._database.read() as session:
            return [_feedback(row) for row in session.scalars(query)]

    def count(self, verdict: Verdict | None = None) -> int:
        """Return how much feedback there is."""
        query = select(func.count()).select_from(FeedbackRow)
        if verdict is not None:
            query = query.where(FeedbackRow.verdict == verdict)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def get(self, feedback_id: str) -> FeedbackRecord:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(FeedbackRow, feedback_id)
            if row is None:
                raise NotFoundError(f"there is no feedback {feedback_id!r}", "see GET /api/feedback")
            return _feedback(row)

    def of(self, user: str) -> list[FeedbackRecord]:
        """Return what a person said, oldest first."""
        query = select(FeedbackRow).where(FeedbackRow.user == user).order_by(FeedbackRow.created_at, FeedbackRow.id)
        with self._database.read() as session:
            return [_feedback(row) for row in session.scalars(query)]

    def remove(self, feedback_id: str) -> None:
        """Forget one; it is no error that it is gone."""
        with self._database.write() as session:
            session.execute(delete(FeedbackRow).where(FeedbackRow.id == feedback_id))

    def prune(self, before: float) -> int:
        """Forget what was said before that moment; returns how much that is."""
        with self._database.write() as session:
            gone = session.execute(delete(FeedbackRow).where(FeedbackRow.created_at < before))
            count = int(cast(CursorResult[Any], gone).rowcount)
        if count:
            self._database.forget_removed()
        return count


class Questions:
    """Reads and changes the table of kept questions. It checks no rights: `evaluation.QuestionDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, expected: Sequence[Mapping[str, Any]], origin: Origin, added_by: str, feedback_id: str | None = None
    ) -> list[QuestionRecord]:
        """Keep questions, all or none of them."""
        now = time.time()
        rows = [
            QuestionRow(
                id=str(uuid.uuid4()),
                expected=dict(each),
                origin=origin,
                feedback_id=feedback_id,
                added_by=added_by,
                added_at=now + number / 1e6,  # they stay in their order
            )
            for number, each in enumerate(expected)
        ]
        with self._database.write() as session:
            session.add_all(rows)
            return [_question(row) for row in rows]

    def all(self) -> list[QuestionRecord]:
        """Return the kept questions, oldest first."""
        with self._database.read() as session:
            query = select(QuestionRow).order_by(QuestionRow.added_at, QuestionRow.id)
            return [_question(row) for row in session.scalars(query)]

    def remove(self, question_id: str) -> QuestionRecord:
        """Forget a question. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.get(QuestionRow, question_id)
            if row is None:
                raise NotFoundError(f"no question {question_id!r} is kept", "see `assistant eval questions list`")
            record = _question(row)
            session.delete(row)
            return record


def _feedback(row: FeedbackRow) -> FeedbackRecord:
    return FeedbackRecord(
        id=row.id,
        user=row.user,
        groups=tuple(row.groups),
        reads_everything=row.reads_everything,
        question=row.question,
        answer=row.answer,
        verdict=cast(Verdict, row.verdict),
        reason=row.reason,
        cited=tuple((source, key) for source, key in row.cited),
        created_at=row.created_at,
        turn=row.turn,
        cause=row.cause,
        rests_on=tuple(row.rests_on),
    )


def _question(row: QuestionRow) -> QuestionRecord:
    return QuestionRecord(
        id=row.id,
        expected=row.expected,
        origin=cast(Origin, row.origin),
        feedback_id=row.feedback_id,
        added_by=row.added_by,
        added_at=row.added_at,
    )
