"""The catalog's runs of an evaluation: how far they are, their figures, and what came of each question."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import select, update
from sqlalchemy.orm import Session, defer

from assistant.catalog.database import Database
from assistant.catalog.models_measures import EvaluationRow
from assistant.errors import EvaluationBusyError, NotFoundError

EvaluationState = Literal["running", "done", "failed", "cancelled", "interrupted"]
SILENT_SECONDS = 1200.0  # a run that was not heard of for so long is taken for gone with its process


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """A run of the kept questions.

    Attributes:
        id: its id.
        started_by: who started it.
        started_at, finished_at: seconds since the epoch; None: it is not at its end.
        state: `running` until its end.
        done, total: questions.
        mode: how they were answered.
        error: why it failed; may be empty.
        used: what with: models, embedder, version.
        scores: its figures by name; empty until its end.
        results: a question each; empty where they were not asked for.
    """

    id: str
    started_by: str
    started_at: float
    finished_at: float | None
    state: EvaluationState
    done: int
    total: int
    mode: str
    error: str
    used: Mapping[str, Any]
    scores: Mapping[str, Any]
    results: Sequence[Mapping[str, Any]] = ()


class Evaluations:
    """Reads and changes the table of runs. It checks no rights: `evaluation.EvaluationDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, started_by: str, total: int, mode: str, used: Mapping[str, Any]) -> EvaluationRecord:
        """Record a run that begins now. Raises EvaluationBusyError where one is running: there is one at a time."""
        now = time.time()
        with self._database.write() as session:
            _end_silent(session, now)
            if session.scalar(select(EvaluationRow.id).where(EvaluationRow.state == "running").limit(1)):
                raise EvaluationBusyError("the questions are being asked already", "wait for that run, or cancel it")
            row = EvaluationRow(
                id=str(uuid.uuid4()), started_by=started_by, started_at=now, alive_at=now, state="running", done=0,
                total=total, mode=mode, cancelled=False, error="", used=dict(used), scores={}, results=[],
            )  # fmt: skip
            session.add(row)
            session.flush()
            return _record(row)

    def progress(self, run: str, done: int) -> bool:
        """Record how many questions were asked. Returns whether the run is to go on."""
        going_on = update(EvaluationRow).where(EvaluationRow.id == run, EvaluationRow.state == "running")
        with self._database.write() as session:
            session.execute(going_on.values(done=done, alive_at=time.time()))
            row = session.get(EvaluationRow, run, options=[defer(EvaluationRow.results)])
            return row is not None and row.state == "running" and not row.cancelled

    def end(
        self,
        run: str,
        state: EvaluationState,
        *,
        error: str = "",
        scores: Mapping[str, Any] | None = None,
        results: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        """Record how a run ended, also one that was taken for gone; one that is removed stays so."""
        values = {"state": state, "error": error, "finished_at": time.time()}
        values |= {"scores": dict(scores or {}), "results": [dict(one) for one in results]}
        with self._database.write() as session:
            session.execute(update(EvaluationRow).where(EvaluationRow.id == run).values(**values))

    def cancel(self, run: str) -> EvaluationRecord:
        """Let a run end after the question that it is at. Raises NotFoundError."""
        with self._database.write() as session:
            row = _row(session, run)
            row.cancelled = True
            session.flush()
            return _record(row)

    def remove(self, run: str) -> None:
        """Forget a run; one that is running ends. Raises NotFoundError."""
        with self._database.write() as session:
            session.delete(_row(session, run))
        self._database.forget_removed()

    def get(self, run: str) -> EvaluationRecord:
        """Return a run with its questions. Raises NotFoundError."""
        with self._database.read() as session:
            row = _row(session, run)
            return _record(row, row.results)

    def newest(self, limit: int) -> list[EvaluationRecord]:
        """Return the newest runs, newest first, without their questions."""
        query = select(EvaluationRow).options(defer(EvaluationRow.results, raiseload=True))
        query = query.order_by(EvaluationRow.started_at.desc(), EvaluationRow.id).limit(limit)
        with self._database.read() as session:
            return [_record(row) for row in session.scalars(query)]


def _end_silent(session: Session, now: float) -> None:
    silent = update(EvaluationRow).where(
        EvaluationRow.state == "running", EvaluationRow.alive_at < now - SILENT_SECONDS
    )
    session.execute(silent.values(state="interrupted", finished_at=EvaluationRow.alive_at))


def _row(session: Session, run: str) -> EvaluationRow:
    row = session.get(EvaluationRow, run)
    if row is None:
        raise NotFoundError(f"there is no evaluation {run!r}", "see GET /api/evaluations")
    return row


def _record(row: EvaluationRow, results: Sequence[Mapping[str, Any]] = ()) -> EvaluationRecord:
    silent = row.state == "running" and row.alive_at < time.time() - SILENT_SECONDS
    return EvaluationRecord(
        id=row.id,
        started_by=row.started_by,
        started_at=row.started_at,
        finished_at=row.alive_at if silent else row.finished_at,
        state="interrupted" if silent else cast(EvaluationState, row.state),
        done=row.done,
        total=row.total,
        mode=row.mode,
        error=row.error,
        used=row.used,
        scores=row.scores,
        results=results,
    )
