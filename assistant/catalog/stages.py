"""The catalog's jobs as work by stages, across sources and runs: who takes what next, and how much waits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.jobs import job_record
from assistant.catalog.models import JobRow, RunRow, SourceRow
from assistant.catalog.records import JobRecord, Stage

STAGES: tuple[Stage, ...] = ("parse", "embed", "delete")
_RATE_SLICE = 2.0  # seconds' worth of a limited source's documents that are taken at once


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs of a stage wait, how many of them are urgent, and how many workers are at work on it."""

    jobs: int = 0
    urgent: int = 0
    workers: int = 0


class Stages:
    """Hands out jobs by stage: those of the highest priority first, then the oldest; within the sources' limits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self, stage: Stage, owner: str, limit: int, lease_seconds: float, least_priority: int = 0
    ) -> list[JobRecord]:
        """Take jobs of runs that go on, theirs for `lease_seconds`.

        Args:
            stage: what is to be done next for them.
            owner: who takes them, as `owners.new_worker` names him.
            limit: at most so many.
            lease_seconds: for how long.
            least_priority: none of a lower priority.
        """
        now = time.time()
        with self._database.write() as session:
            room = _room(session, now) if stage == "parse" else {}
            full = [source for source, places in room.items() if places <= 0]
            query = (
                select(JobRow)
                .join(RunRow, RunRow.id == JobRow.run_id)
                .where(
                    JobRow.stage == stage,
                    _free(now),
                    JobRow.priority >= least_priority,
                    RunRow.state == "running",
                    RunRow.cancelled.is_(False),
                    JobRow.source.not_in(full),
                )
                .order_by(JobRow.priority.desc(), JobRow.id)
                .limit(limit)
            )
            taken: Counter[str] = Counter()
            jobs: list[JobRecord] = []
            for row in session.scalars(query.with_for_update(skip_locked=True, of=JobRow)).all():
                if taken[row.source] >= room.get(row.source, limit):
                    continue
                taken[row.source] += 1
                row.state, row.lease_owner, row.lease_until = "running", owner, now + lease_seconds
                row.attempts += 1
                row.updated_at = now
                jobs.append(job_record(row))
            _spend(session, taken, now)
            return jobs

    def hand_over(self, prepared: Mapping[int, tuple[int, str]]) -> set[int]:
        """Pass parsed jobs on to be embedded.

        Args:
            prepared: by job's id its attempt and the blob that holds what was prepared.

        Returns:
            those that were passed on: not what another run recorded anew, or another worker took over, meanwhile.
        """
        passed: set[int] = set()
        now = time.time()
        with self._database.write() as session:
            for job, (attempt, blob) in prepared.items():
                values = {"stage": "embed", "state": "queued", "prepared": blob, "lease_owner": None, "updated_at": now}
                held = (JobRow.id == job, JobRow.state == "running", JobRow.attempts == attempt)
                if session.execute(update(JobRow).where(*held).values(**values).returning(JobRow.id)).first():
                    passed.add(job)
        return passed

    def send_back(self, jobs: Sequence[JobRecord]) -> None:
        """Let jobs be parsed again, of which nothing that was prepared is left."""
        ids = [job.id for job in jobs]
        values = {"stage": "parse", "state": "queued", "prepared": "", "lease_owner": None}
        with self._database.write() as session:
            session.execute(update(JobRow).where(JobRow.id.in_(ids), JobRow.stage == "embed").values(**values))

    def waiting(self) -> dict[Stage, Waiting]:
        """Return by stage how much can be taken now, and how many are at work."""
        now = time.time()
        goes_on = and_(RunRow.id == JobRow.run_id, RunRow.state == "running", RunRow.cancelled.is_(False))
        with self._database.read() as session:
            room = _room(session, now)
            full = [source for source, places in room.items() if places <= 0]
            here = or_(JobRow.stage != "parse", JobRow.source.not_in(full))
            urgent = func.sum(case((JobRow.priority > 0, 1), else_=0))
            jobs = select(JobRow.stage, func.count(), urgent).join(RunRow, goes_on).where(_free(now), here)
            workers = select(JobRow.stage, func.count(JobRow.lease_owner.distinct())).where(
                JobRow.state == "running", JobRow.lease_until >= now
            )
            free = {stage: (count, urgent) for stage, count, urgent in session.execute(jobs.group_by(JobRow.stage))}
            busy = dict(session.execute(workers.group_by(JobRow.stage)).all())
        return {stage: Waiting(*free.get(stage, (0, 0)), busy.get(stage, 0)) for stage in STAGES}

    def backlog(self) -> int:
        """Return how many documents are prepared and wait to be embedded."""
        query = select(func.count()).select_from(JobRow).where(JobRow.stage == "embed", JobRow.state == "queued")
        with self._database.read() as session:
            return session.scalar(query) or 0


def _free(now: float) -> ColumnElement[bool]:
    return or_(JobRow.state == "queued", and_(JobRow.state == "running", JobRow.lease_until < now))


def _room(session: Session, now: float) -> dict[str, int]:
    """Return how many more documents may be taken now of the sources that have limits."""
    limited = select(SourceRow.name, SourceRow.concurrency, SourceRow.per_minute, SourceRow.next_fetch_at).where(
        or_(SourceRow.concurrency.is_not(None), SourceRow.per_minute.is_not(None))
    )
    rows = session.execute(limited).all()
    if not rows:
        return {}
    held = (
        select(JobRow.source, func.count())
        .where(JobRow.source.in_([row.name for row in rows]), JobRow.stage == "parse")
        .where(JobRow.state == "running", JobRow.lease_until >= now)
    )
    at_work = dict(session.execute(held.group_by(JobRow.source)).all())
    room: dict[str, int] = {}
    for row in rows:
        places = [row.concurrency - at_work.get(row.name, 0)] if row.concurrency else []
        if row.per_minute:
            places.append(max(1, int(row.per_minute / 60 * _RATE_SLICE)) if (row.next_fetch_at or 0) <= now else 0)
        room[row.name] = min(places)
    return room


def _spend(session: Session, taken: Mapping[str, int], now: float) -> None:
    """Note what was taken of sources that allow so many documents a minute."""
    if not taken:
        return
    rated = select(SourceRow).where(SourceRow.name.in_(list(taken)), SourceRow.per_minute.is_not(None))
    for source in session.scalars(rated):
        source.next_fetch_at = now + taken[source.name] * 60.0 / (source.per_minute or 1.0)
