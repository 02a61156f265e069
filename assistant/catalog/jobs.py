"""The catalog's jobs: work that is recorded before it is done, so that a crash loses nothing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import FailureRow, JobRow, RunRow
from assistant.catalog.records import JobAction, JobRecord, RunCost, Stage
from assistant.catalog.runs import add_cost, must_go_on
from assistant.types import Failure, document_id

_IN_LIMIT = 500
SUSPECT_LOST = 2  # workers, after which a job is done alone, so that it takes no other along
CLOCK_SECONDS = 60.0  # hosts' clocks may differ by less


@dataclass(frozen=True, slots=True)
class NewJob:
    """Work to record: `mark` is what the source said of the key's version, `parent` the document that it is part of.

    `origin` is the key that the document seems to have had before it was moved; that one goes when this is done.
    """

    key: str
    action: JobAction
    mark: str | None = None
    parent: str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """The end of a job. `outcome` names the run's count: added, moved, updated, unchanged, deleted, failed or none.

    `documents` is how many the outcome counts: one that is deleted takes its members along. `replaced` counts others
    that were deleted by it. `retry_at` is when what failed is tried again by itself; None: never.
    """

    job: JobRecord
    outcome: str
    chunks: int = 0
    failure: Failure | None = None
    pipeline: str = ""
    documents: int = 1
    retry_at: float | None = None
    replaced: int = 0


class Jobs:
    """Reads and changes the table of jobs. There is one row a source and key at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, source: str, run_id: str, jobs: Sequence[NewJob]) -> None:
        """Record work for a run; what was recorded earlier for the same keys gives way to it.

        Raises:
            SourceBusyError: a later run took this one over.
        """
        with self._database.write() as session:
            record_jobs(session, source, run_id, jobs)
            must_go_on(session, run_id)

    def of_source(self, source: str) -> dict[str, JobRecord]:
        """Return the source's unfinished and failed jobs by key."""
        with self._database.read() as session:
            return {row.key: job_record(row) for row in session.scalars(select(JobRow).where(JobRow.source == source))}

    def claim(self, run_id: str, owner: str, limit: int, lease_seconds: float) -> list[JobRecord]:
        """Take up to `limit` jobs of the run that nobody works on: theirs for `lease_seconds`, oldest first."""
        now = time.time()
        of_run = select(JobRow).where(JobRow.run_id == run_id).order_by(JobRow.id).limit(limit)
        of_run = of_run.with_for_update(skip_locked=True)
        left = of_run.where(JobRow.state == "running", JobRow.lease_until < now)
        with self._database.write() as session:
            # Asked for at once, all that waits would be sorted every time; alone, it comes in the order of an index.
            found = [*session.scalars(left), *session.scalars(of_run.where(JobRow.state == "queued"))]
            rows = together(sorted(found, key=lambda row: row.id)[:limit])
            return [take(row, owner, now, lease_seconds) for row in rows]

    def held(self, jobs: Sequence[JobRecord]) -> set[int]:
        """Return the ids of those of the claimed jobs that are still their claimers'."""
        with self._database.write() as session:
            return {*held_jobs(session, jobs)}

    def finish(self, outcomes: Sequence[JobOutcome], costs: Mapping[str, RunCost] | None = None) -> None:
        """End jobs and count their outcomes, and what that cost by run, in their runs, all in one transaction.

        A job that another run has recorded anew, or another worker has taken over meanwhile, is left alone.
        """
        now = time.time()
        with self._database.write() as session:
            rows = held_jobs(session, [end.job for end in outcomes])
            amounts: dict[str, Counter[str]] = {}
            done: list[int] = []
            for end in outcomes:
                row = rows.get(end.job.id)
                if row is None:
                    continue
                if end.failure is None:
                    done.append(row.id)
                else:
                    _fail(session, row, end, end.failure, now)
                _count(amounts.setdefault(end.job.run_id, Counter()), end)
            for start in range(0, len(done), _IN_LIMIT):
                session.execute(delete(JobRow).where(JobRow.id.in_(done[start : start + _IN_LIMIT])))
            costs = costs or {}
            for run_id in sorted({*amounts, *costs}):  # in one order, or two workers would wait for each other
                counts = amounts.get(run_id, Counter())
                changes = {name: getattr(RunRow, name) + amount for name, amount in counts.items() if amount}
                if changes:
                    session.execute(update(RunRow).where(RunRow.id == run_id).values(**changes))
                add_cost(session, run_id, costs.get(run_id, RunCost()))

    def release(self, owner: str, *, lost: bool = False) -> None:
        """Give back what `owner` took and did not finish.

        Args:
            owner: a worker.
            lost: whether it ended or hung over it. One of the jobs may be to blame.
        """
        values: dict[str, Any] = {"state": "queued", "lease_owner": None, "lease_until": 0.0}
        if lost:
            values["lost"] = JobRow.lost + 1
        with self._database.write() as session:
            session.execute(
                update(JobRow).where(JobRow.lease_owner == owner, JobRow.state == "running").values(**values)
            )

    def renew(self, owner: str, lease_seconds: float) -> None:
        """Let `owner` keep what it has taken for `lease_seconds` from now on."""
        held = update(JobRow).where(JobRow.lease_owner == owner, JobRow.state == "running")
        with self._database.write() as session:
            session.execute(held.values(lease_until=time.time() + lease_seconds))

    def shorten_leases(self, lease_seconds: float) -> None:
        """Let no lease end later than one that is taken now, where it seems to: the clock was set back since.

        Nobody would wait for a worker that lives, which renews its leases; but for one that is gone.
        """
        latest = time.time() + lease_seconds
        late = (JobRow.state == "running") & (JobRow.lease_until > latest + CLOCK_SECONDS)
        with self._database.read() as session:
            if session.scalar(select(JobRow.id).where(late).limit(1)) is None:
                return
        with self._database.write() as session:
            session.execute(update(JobRow).where(late).values(lease_until=latest))

    def lease_owners(self) -> set[str]:
        """Return who holds jobs now, so that the leases of processes that are gone can be released."""
        query = select(JobRow.lease_owner).where(JobRow.state == "running", JobRow.lease_owner.is_not(None)).distinct()
        with self._database.read() as session:
            return {str(owner) for owner in session.scalars(query)}

    def runs_with_free_jobs(self) -> list[str]:
        """Return the ids of the runs that have jobs nobody works on."""
        free = or_(JobRow.state == "queued", (JobRow.state == "running") & (JobRow.lease_until < time.time()))
        with self._database.read() as session:
            return [str(run_id) for run_id in session.scalars(select(JobRow.run_id).where(free).distinct())]

    def is_recorded(self, source: str, key: str) -> bool:
        """Whether there is work on the key, in whatever state."""
        query = select(JobRow.id).where(JobRow.source == source, JobRow.key == key)
        with self._database.read() as session:
            return session.scalar(query) is not None

    def of_members(self, parents: Sequence[str]) -> list[str]:
        """Return the ids of the members of these documents that there is work on."""
        found: list[str] = []
        with self._database.read() as session:
            for start in range(0, len(parents), _IN_LIMIT):
                query = select(JobRow.source, JobRow.key).where(JobRow.parent.in_(parents[start : start + _IN_LIMIT]))
                found += [document_id(source, key) for source, key in session.execute(query)]
        return found

    def count(self, state: str, source: str | None = None) -> int:
        """Return how many jobs are in `state`: queued, running or failed; of one source or of all."""
        query = select(func.count()).select_from(JobRow).where(JobRow.state == state)
        if source is not None:
            query = query.where(JobRow.source == source)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def failed(
        self, source: str | None = None, limit: int | None = None, *, members_only: bool = False
    ) -> list[JobRecord]:
        """Return the failed jobs, of one source or of all, by source and key; or those on members alone."""
        query = select(JobRow).where(JobRow.state == "failed").order_by(JobRow.source, JobRow.key).limit(limit)
        if source is not None:
            query = query.where(JobRow.source == source)
        if members_only:
            query = query.where(JobRow.parent.is_not(None))
        with self._database.read() as session:
            return [job_record(row) for row in session.scalars(query)]

    def due(self, now: float) -> dict[str, list[str]]:
        """Return the keys of failed jobs that are to be tried again by now, by source.

        Where the clock was set back behind the failure, that is now.
        """
        by_now = or_(JobRow.not_before <= now, JobRow.updated_at > now + CLOCK_SECONDS)
        due = select(JobRow.source, JobRow.key).where(
            JobRow.state == "failed", JobRow.not_before.is_not(None), by_now, JobRow.ignored.is_(False)
        )
        found: dict[str, list[str]] = {}
        with self._database.read() as session:
            for source, key in session.execute(due):
                found.setdefault(source, []).append(key)
        return found

    def requeue(self, source: str, run_id: str, keys: Sequence[str] | None) -> int:
        """Let failed jobs, those of the keys or all, be done again by a run. Returns how many there were."""
        values: dict[str, Any] = {"state": "queued", "run_id": run_id, "ignored": False, "not_before": None}
        values["updated_at"] = time.time()
        values["lost"] = case((JobRow.lost > SUSPECT_LOST, SUSPECT_LOST), else_=JobRow.lost)
        return self._of_failed(source, keys, values)

    def ignore(self, source: str, keys: Sequence[str] | None) -> int:
        """Let failed jobs, those of the keys or all, rest until their content changes. Returns how many there were."""
        return self._of_failed(source, keys, {"ignored": True, "not_before": None})

    def _of_failed(self, source: str, keys: Sequence[str] | None, values: dict[str, Any]) -> int:
        failed = update(JobRow).where(JobRow.source == source, JobRow.state == "failed").values(**values)
        parts = [failed]
        if keys is not None:
            starts = range(0, len(keys), _IN_LIMIT)
            parts = [failed.where(JobRow.key.in_(list(keys[start : start + _IN_LIMIT]))) for start in starts]
        with self._database.write() as session:
            return sum(len(session.execute(part.returning(JobRow.id)).all()) for part in parts)

    def discard(self, source: str, keys: Sequence[str]) -> None:
        """Forget failed jobs on keys that the source no longer lists."""
        with self._database.write() as session:
            for start in range(0, len(keys), _IN_LIMIT):
                part = list(keys[start : start + _IN_LIMIT])
                session.execute(delete(JobRow).where(JobRow.source == source, JobRow.key.in_(part)))


def record_jobs(session: Session, source: str, run_id: str, jobs: Sequence[NewJob]) -> None:
    """Record work within a transaction; see `Jobs.record`."""
    now = time.time()
    for start in range(0, len(jobs), _IN_LIMIT):
        part = jobs[start : start + _IN_LIMIT]
        keys = [job.key for job in part]
        before = select(JobRow.key, JobRow.mark, JobRow.failures).where(JobRow.source == source, JobRow.key.in_(keys))
        failures = {(key, mark): count for key, mark, count in session.execute(before)}
        session.execute(delete(JobRow).where(JobRow.source == source, JobRow.key.in_(keys)))
        priority = session.scalar(select(RunRow.priority).where(RunRow.id == run_id)) or 0
        session.add_all(
            JobRow(
                source=source,
                key=job.key,
                parent=job.parent,
                action=job.action,
                state="queued",
                run_id=run_id,
                mark=job.mark,
                failures=failures.get((job.key, job.mark), 0),
                updated_at=now,
                stage="delete" if job.action == "delete" else "parse",
                priority=priority,
                origin=job.origin,
            )
            for job in part
        )
        session.flush()


def forget_jobs_of_members(session: Session, parents: Sequence[str]) -> None:
    """Forget the work on members of these documents, whoever does it: its end changes nothing then."""
    for start in range(0, len(parents), _IN_LIMIT):
        session.execute(delete(JobRow).where(JobRow.parent.in_(parents[start : start + _IN_LIMIT])))


def together(rows: Sequence[JobRow]) -> Sequence[JobRow]:
    """Return the first of the rows, in their order, that may be taken together: a suspect one is taken alone."""
    first = next((at for at, row in enumerate(rows) if _lost(row) >= SUSPECT_LOST), len(rows))
    return rows[: max(1, first)]


def take(row: JobRow, owner: str, now: float, lease_seconds: float) -> JobRecord:
    """Let `owner` have a job that waits, or that a lost worker had, for `lease_seconds`."""
    row.lost = _lost(row)
    row.state, row.lease_owner, row.lease_until = "running", owner, now + lease_seconds
    row.attempts += 1
    row.updated_at = now
    return job_record(row)


def _lost(row: JobRow) -> int:
    return (row.lost or 0) + (row.state == "running")  # not given back by its worker: its lease ran out


def held_jobs(session: Session, jobs: Sequence[JobRecord]) -> dict[int, JobRow]:
    """Return those of the claimed jobs that are still their claimers', by id, locked for this transaction.

    Not what another worker took over, and not what was recorded anew or forgotten.
    """
    attempts = {job.id: job.attempts for job in jobs}
    ids = sorted(attempts)
    found: dict[int, JobRow] = {}
    for start in range(0, len(ids), _IN_LIMIT):
        part = ids[start : start + _IN_LIMIT]
        query = select(JobRow).where(JobRow.id.in_(part), JobRow.state == "running").order_by(JobRow.id)
        found.update((row.id, row) for row in session.scalars(query.with_for_update()))
    return {number: row for number, row in found.items() if row.attempts == attempts[number]}


def _fail(session: Session, row: JobRow, end: JobOutcome, failure: Failure, now: float) -> None:
    row.state = "failed"
    row.code = failure.code
    row.error = failure.error
    row.retryable = failure.retryable
    row.pipeline = end.pipeline
    row.failures += 1
    row.not_before = end.retry_at
    row.stage, row.prepared = ("delete" if row.action == "delete" else "parse"), ""
    row.updated_at = now
    session.add(
        FailureRow(run_id=row.run_id, key=row.key, code=failure.code, error=failure.error, retryable=failure.retryable)
    )


def _count(amounts: Counter[str], end: JobOutcome) -> None:
    amounts["finished"] += 1
    amounts["chunks"] += end.chunks
    amounts["deleted"] += end.replaced
    if end.outcome:
        amounts[end.outcome] += end.documents


def job_record(row: JobRow) -> JobRecord:
    """Return a job's row as a record."""
    failure = Failure(row.key, row.error, row.retryable, row.code) if row.state == "failed" else None
    return JobRecord(
        id=row.id,
        source=row.source,
        key=row.key,
        action=cast(JobAction, row.action),
        state=row.state,
        run_id=row.run_id,
        mark=row.mark,
        attempts=row.attempts or 0,
        pipeline=row.pipeline or "",
        failure=failure,
        parent=row.parent,
        failures=row.failures or 0,
        not_before=row.not_before,
        ignored=bool(row.ignored),
        updated_at=row.updated_at,
        stage=cast(Stage, row.stage),
        prepared=row.prepared or "",
        origin=row.origin,
        lost=row.lost or 0,
    )
