"""The catalog's runs: one record a sync, with its counts and its failures."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from assistant.catalog import events
from assistant.catalog.database import Database
from assistant.catalog.models import FailureRow, JobRow, RunRow
from assistant.catalog.records import OpenRun, RunCost, RunRecord, RunState, Stage, WantedRuns
from assistant.errors import NotFoundError, SourceBusyError
from assistant.types import Failure

_OPEN = ("queued", "running")
_TAKEN = "taken over by a later run"
_PRIORITIES = {"upload": 10}  # of triggers: a person waits for what he uploaded


class Runs:
    """Reads and changes the table of runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        source: str,
        trigger: str,
        owner: str,
        instead_of: Sequence[str] = (),
        lease_seconds: float | None = None,
    ) -> RunRecord:
        """Record the start of a sync.

        Args:
            source: the source's name; it has one open run at most.
            trigger: who asked: `cli`, `api` or `schedule`.
            owner: the process that lists.
            instead_of: ids of runs that it takes over: they are closed, or none is where it cannot start.
            lease_seconds: for how long the listing is the owner's without `renew`; None: until it is cancelled.

        Raises:
            SourceBusyError: a run of the source is open.
        """
        now = time.time()
        row = RunRow(
            id=str(uuid.uuid4()),
            source=source,
            trigger=trigger,
            owner=owner,
            state="running",
            started_at=now,
            lease_until=None if lease_seconds is None else now + lease_seconds,
            priority=_PRIORITIES.get(trigger, 0),
        )
        try:
            with self._database.write() as session:
                ended = _open_of(instead_of).values(state="interrupted", finished_at=row.started_at, error=_TAKEN)
                _tell(session, ended)
                session.add(row)
                session.flush()
                events.run_started(session, row)
                return _record(row, 0)
        except IntegrityError:
            raise SourceBusyError(f"the source {source!r} is being synced", "wait: `assistant runs list`") from None

    def renew(self, run_id: str, lease_seconds: float) -> bool:
        """Let the process that lists for the run keep it for `lease_seconds` from now on; False where it is closed."""
        open_run = _open_of([run_id]).values(lease_until=time.time() + lease_seconds)
        with self._database.write() as session:
            return session.scalar(open_run.returning(RunRow.id)) is not None

    def count(self, run_id: str, **amounts: int) -> None:
        """Add `amounts` to the run's counts of those names."""
        changes = {name: getattr(RunRow, name) + amount for name, amount in amounts.items() if amount}
        if changes:
            with self._database.write() as session:
                session.execute(update(RunRow).where(RunRow.id == run_id).values(**changes))

    def listed(self, run_id: str, cost: RunCost | None = None) -> None:
        """Record that the listing is complete, and its cost: only members of its documents may still be added."""
        with self._database.write() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(listed=True))
            add_cost(session, run_id, cost or RunCost())

    def add_failures(self, run_id: str, failures: Sequence[Failure]) -> None:
        """Record documents that could not be indexed."""
        with self._database.write() as session:
            session.add_all(
                FailureRow(run_id=run_id, key=f.key, code=f.code, error=f.error, retryable=f.retryable)
                for f in failures
            )

    def finish(self, run_id: str, state: RunState, error: str | None = None) -> None:
        """Close the run; a run that is closed stays as it is."""
        values: dict[str, Any] = {"state": state, "finished_at": time.time(), "error": error}
        with self._database.write() as session:
            _tell(session, update(RunRow).where(RunRow.id == run_id, RunRow.state == "running").values(**values))

    def held_up(self, stage: Stage, cause: str | None) -> None:
        """Show with the runs that go on what keeps their work from getting on; it is tried again.

        Args:
            stage: which turns are held up. What was noted of other stages stays.
            cause: why; None: they get on again.
        """
        start = f"{stage} waits: "
        waits = select(JobRow.run_id).where(JobRow.stage == stage, JobRow.state.in_(_OPEN))
        if cause is None:
            concerned = RunRow.error.startswith(start, autoescape=True)
        else:
            concerned = RunRow.id.in_(waits) & RunRow.error.is_distinct_from(start + cause)
        values = {"error": None if cause is None else start + cause}
        with self._database.read() as session:
            ids = session.scalars(select(RunRow.id).where(RunRow.state == "running", concerned)).all()
        if ids:
            with self._database.write() as session:
                session.execute(update(RunRow).where(RunRow.state == "running", RunRow.id.in_(ids)).values(**values))

    def cancel(self, run_id: str) -> None:
        """Ask the run's workers to end it after the documents they are at; a run that is closed stays as it is."""
        with self._database.write() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id, RunRow.state == "running").values(cancelled=True))

    def is_cancelled(self, run_id: str) -> bool:
        """Whether the run is to end, or has ended, before its work is done."""
        with self._database.read() as session:
            return bool(session.scalar(select(RunRow.cancelled).where(RunRow.id == run_id)))

    def measured(self, run_id: str, cost: RunCost) -> None:
        """Add what work cost of which no job is the worse or the further."""
        with self._database.write() as session:
            add_cost(session, run_id, cost)

    def discard(self, run_id: str, instead_of: Sequence[str] = ()) -> None:
        """Forget a run that turned out not to be wanted before it did anything; one that has jobs stays.

        Args:
            run_id: the run's.
            instead_of: what it took over: that goes on, as nobody else does its work.
        """
        is_used = select(JobRow.id).where(JobRow.run_id == run_id).exists()
        gone = delete(RunRow).where(RunRow.id == run_id, ~is_used).returning(RunRow.id)
        taken = update(RunRow).where(RunRow.id.in_(list(instead_of)), RunRow.error == _TAKEN)
        with self._database.write() as session:
            if session.scalar(gone) is not None:
                again = session.scalars(
                    taken.values(state="running", finished_at=None, error=None).returning(RunRow.id)
                )
                for one in again.all():
                    events.run_unsaid(session, one, "run.finished")
                events.run_unsaid(session, run_id, "run.started")

    def prune(self, before: float) -> int:
        """Forget the runs that ended before that moment, but the newest of each source. Returns how many."""
        newest = select(func.max(RunRow.started_at)).group_by(RunRow.source)
        old = delete(RunRow).where(
            RunRow.state != "running", RunRow.finished_at < before, RunRow.started_at.not_in(newest)
        )
        with self._database.write() as session:
            return len(session.execute(old.returning(RunRow.id)).all())

    def finish_if_complete(self, run_id: str) -> bool:
        """Close the run if it is listed and no job of it is open, or cancelled and nobody works on it.

        Returns:
            Whether it is closed now.
        """
        now = time.time()
        jobs = select(JobRow.id).where(JobRow.run_id == run_id)
        is_open = jobs.where(JobRow.state.in_(_OPEN)).exists()
        at_work = jobs.where(JobRow.state == "running", JobRow.lease_until > now).exists()
        listed = update(RunRow).where(RunRow.id == run_id, RunRow.state == "running", RunRow.listed.is_(True))
        done = listed.where(~is_open).values(state="done", finished_at=now, error=None)
        cancelled = listed.where(RunRow.cancelled.is_(True), ~at_work).values(
            state="cancelled", finished_at=now, error="cancelled; the next sync does what is left"
        )
        with self._database.write() as session:
            _tell(session, done)
            _tell(session, cancelled)
            row = session.get(RunRow, run_id)
            return row is not None and row.state != "running"

    def get(self, run_id: str) -> RunRecord:
        """Return the run. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                raise NotFoundError(f"there is no run {run_id!r}", "see `assistant runs list`")
            pending = session.scalar(
                select(func.count()).where(JobRow.run_id == run_id, JobRow.state.in_(_OPEN)).select_from(JobRow)
            )
            return _record(row, pending or 0)

    def failures(self, run_id: str) -> list[Failure]:
        """Return the run's failures by key."""
        query = select(FailureRow).where(FailureRow.run_id == run_id).order_by(FailureRow.key)
        with self._database.read() as session:
            return [Failure(row.key, row.error, row.retryable, row.code) for row in session.scalars(query)]

    def newest(self, source: str | None = None, limit: int = 50) -> list[RunRecord]:
        """Return the newest runs, newest first."""
        query = select(RunRow, _pending()).order_by(RunRow.started_at.desc()).limit(limit)
        if source is not None:
            query = query.where(RunRow.source == source)
        with self._database.read() as session:
            return [_record(row, count) for row, count in session.execute(query)]

    def page(self, wanted: WantedRuns, limit: int, offset: int = 0) -> tuple[list[RunRecord], int]:
        """Return a stretch of the runs that are wanted, newest first, and how many there are of them."""
        conditions = _wanted(wanted)
        query = select(RunRow, _pending()).where(*conditions).order_by(RunRow.started_at.desc(), RunRow.id)
        with self._database.read() as session:
            found = [_record(row, count) for row, count in session.execute(query.limit(limit).offset(offset))]
            total = session.scalar(select(func.count()).select_from(RunRow).where(*conditions))
        return found, total or 0

    def open(self, source: str | None = None) -> list[OpenRun]:
        """Return the runs that are not closed, oldest first, with the processes at work on them."""
        query = select(RunRow).where(RunRow.state == "running").order_by(RunRow.started_at)
        if source is not None:
            query = query.where(RunRow.source == source)
        with self._database.read() as session:
            return [_open_run(session, row) for row in session.scalars(query).all()]


def _open_of(run_ids: Sequence[str]) -> Update:
    return update(RunRow).where(RunRow.id.in_(list(run_ids)), RunRow.state == "running")


def _tell(session: Session, ending: Update) -> None:
    """End runs, and record that for whoever wants to know."""
    for run_id in session.scalars(ending.returning(RunRow.id)).all():
        events.run_over(session, run_id)


def _pending() -> ScalarSelect[int]:
    """Return the number of a run's jobs that are not finished, for a query of runs."""
    jobs = select(func.count(JobRow.id)).where(JobRow.run_id == RunRow.id, JobRow.state.in_(_OPEN))
    return jobs.correlate(RunRow).scalar_subquery()


def _wanted(wanted: WantedRuns) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.sources is not None:
        conditions.append(RunRow.source.in_(list(wanted.sources)))
    if wanted.states:
        conditions.append(RunRow.state.in_(list(wanted.states)))
    if wanted.since is not None:
        conditions.append(RunRow.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(RunRow.started_at < wanted.until)
    return conditions


def must_go_on(session: Session, run_id: str) -> None:
    """See that nobody took the run over; nobody does until the transaction's end.

    To be asked last in a transaction that locks jobs or sources too, as others lock those first.

    Raises:
        SourceBusyError: a later run took it over, or it ended as failed.
    """
    state = session.scalar(select(RunRow.state).where(RunRow.id == run_id).with_for_update(read=True))
    if state is None or state in {"interrupted", "failed"}:
        raise SourceBusyError(f"the run {run_id} was taken over by a later one", "the later one does what is left")


def add_cost(session: Session, run_id: str, cost: RunCost) -> None:
    """Add to a run's bytes and seconds, in the transaction that says what was reached for them.

    Later, another worker might have closed the run, which would then be shown without them.
    """
    if not cost.size and not cost.phases:
        return
    row = session.get(RunRow, run_id, with_for_update=True)
    if row is not None:
        row.bytes += cost.size
        row.phases = {
            name: round(row.phases.get(name, 0.0) + cost.phases.get(name, 0.0), 6)
            for name in {*row.phases, *cost.phases}
        }


def _open_run(session: Session, row: RunRow) -> OpenRun:
    leases = select(JobRow.lease_owner, func.max(JobRow.lease_until)).where(
        JobRow.run_id == row.id, JobRow.state == "running"
    )
    held = {str(owner): float(until) for owner, until in session.execute(leases.group_by(JobRow.lease_owner)) if owner}
    lister = None if row.listed else row.owner
    return OpenRun(row.id, row.source, lister, held, row.cancelled, row.lease_until)


def _record(row: RunRow, pending: int) -> RunRecord:
    state: RunState = row.state if row.state in {"running", "done", "failed", "interrupted", "cancelled"} else "failed"  # type: ignore[assignment]
    return RunRecord(
        id=row.id,
        source=row.source,
        trigger=row.trigger,
        state=state,
        started_at=row.started_at,
        finished_at=row.finished_at,
        seen=row.seen or 0,
        added=row.added or 0,
        updated=row.updated or 0,
        unchanged=row.unchanged or 0,
        deleted=row.deleted or 0,
        failed=row.failed or 0,
        chunks=row.chunks or 0,
        pending=pending,
        error=row.error,
        bytes=row.bytes or 0,
        phases=dict(row.phases or {}),
        cancelled=bool(row.cancelled),
        finished=row.finished or 0,
        moved=row.moved or 0,
        flagged=row.flagged or 0,
    )
