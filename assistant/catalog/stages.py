"""The catalog's jobs as work by stages, across sources and runs: who takes what next, and how much waits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.jobs import CLOCK_SECONDS, take, together
from assistant.catalog.models import JobRow, RunRow, SourceRow
from assistant.catalog.records import JobRecord, RunCost, Stage
from assistant.catalog.runs import add_cost

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
            taken: Counter[str] = Counter()
            jobs: list[JobRecord] = []
            for row in together(_next(session, stage, full, limit, least_priority, now)):
                if taken[row.source] >= room.get(row.source, limit):
                    continue
                taken[row.source] += 1
                jobs.append(take(row, owner, now, lease_seconds))
            _spend(session, taken, now)
            return jobs

    def hand_over(self, run_id: str, prepared: Mapping[int, tuple[int, str]], cost: RunCost | None = None) -> set[int]:
        """Pass parsed jobs on to be embedded.

        Args:
            run_id: the run that they are of.
            prepared: by job's id its attempt and the blob that holds what was prepared.
            cost: what that cost, whether or not they are passed on.

        Returns:
            those that were passed on: not what another run recorded anew, or another worker took over, meanwhile.
        """
        passed: set[int] = set()
        now = time.time()
        with self._database.write() as session:
            for job, (attempt, blob) in prepared.items():
                values = {"stage": "embed", "state": "queued", "prepared": blob, "lease_owner": None, "updated_at": now}
                values["lost"] = 0  # whatever ended a parser's worker, it is behind it
                held = (JobRow.id == job, JobRow.state == "running", JobRow.attempts == attempt)
                if session.execute(update(JobRow).where(*held).values(**values).returning(JobRow.id)).first():
                    passed.add(job)
            add_cost(session, run_id, cost or RunCost())
        return passed

    def send_back(self, jobs: Sequence[JobRecord]) -> None:
        """Let jobs be parsed again, of which nothing that was prepared is left."""
        ids = [job.id for job in jobs]
        values = {"stage": "parse", "state": "queued", "prepared": "", "lease_owner": None}
        with self._database.write() as session:
            session.execute(update(JobRow).where(JobRow.id.in_(ids), JobRow.stage == "embed").values(**values))

    def waiting(self, most: int | None = None) -> dict[Stage, Waiting]:
        """Return by stage how much can be taken now, and how many are at work.

        Args:
            most: no more of a stage than these are counted, the urgent ones first, for that takes time; None: all.
        """
        now = time.time()
        with self._database.read() as session:
            room = _room(session, now)
            full = [source for source, places in room.items() if places <= 0]
            workers = select(JobRow.stage, func.count(JobRow.lease_owner.distinct())).where(
                JobRow.state == "running", JobRow.lease_until >= now
            )
            busy = dict(session.execute(workers.group_by(JobRow.stage)).all())
            found: dict[Stage, Waiting] = {}
            for stage in STAGES:
                jobs = urgent = 0
                for part in _takeable(stage, full if stage == "parse" else (), now):
                    counted = part.order_by(JobRow.priority.desc(), JobRow.id.desc()).limit(most).subquery()
                    of_them = func.sum(case((counted.c.priority > 0, 1), else_=0))
                    count, more = session.execute(select(func.count(), of_them).select_from(counted)).one()
                    jobs, urgent = jobs + count, urgent + (more or 0)
                found[stage] = Waiting(jobs, urgent, busy.get(stage, 0))
            return found

    def backlog(self) -> int:
        """Return how many documents are prepared and wait to be embedded: not those of runs that were ended."""
        waiting = select(func.count()).select_from(JobRow).join(RunRow, goes_on())
        with self._database.read() as session:
            return session.scalar(waiting.where(JobRow.stage == "embed", JobRow.state == "queued")) or 0


def goes_on() -> ColumnElement[bool]:
    """Return what joins to a job its run, where that is neither over nor cancelled."""
    return and_(RunRow.id == JobRow.run_id, RunRow.state == "running", RunRow.cancelled.is_(False))


def _takeable(stage: Stage, full: Sequence[str], now: float) -> tuple[Select[Any], Select[Any]]:
    """Select the priorities of what is queued, and of what a worker that is gone left, each in an index's reach."""
    here = select(JobRow.priority).join(RunRow, goes_on())
    here = here.where(JobRow.stage == stage, JobRow.source.not_in(full))
    return here.where(JobRow.state == "queued"), here.where(JobRow.state == "running", JobRow.lease_until < now)


def _next(
    session: Session, stage: Stage, full: Sequence[str], limit: int, least_priority: int, now: float
) -> list[JobRow]:
    """Return what can be taken, of the highest priority first, then the oldest; locked.

    What is queued is asked for priority by priority, in the order of an index: asked for at once, all that waits would
    be sorted every time, and a claim would take ten times as long with ten times as many documents.
    """
    takes = (
        select(JobRow)
        .join(RunRow, goes_on())
        .where(JobRow.stage == stage, JobRow.source.not_in(full))
        .limit(limit)
        .with_for_update(skip_locked=True, of=JobRow)
    )
    left = takes.where(JobRow.state == "running", JobRow.lease_until < now, JobRow.priority >= least_priority)
    found = list(session.scalars(left.order_by(JobRow.priority.desc(), JobRow.id)))
    queued = (JobRow.stage == stage, JobRow.state == "queued")
    highest = select(func.max(JobRow.priority)).where(*queued, JobRow.priority >= least_priority)
    priority = session.scalar(highest)
    while priority is not None:
        of_it = takes.where(JobRow.state == "queued", JobRow.priority == priority)
        found += session.scalars(of_it.order_by(JobRow.id))
        if sum(row.priority >= priority for row in found) >= limit:
            break
        priority = session.scalar(highest.where(JobRow.priority < priority))
    return sorted(found, key=lambda row: (-row.priority, row.id))[:limit]


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
            longest = max(_RATE_SLICE, 60.0 / row.per_minute) + CLOCK_SECONDS
            # A wait longer than any that is set: the clock was set back since.
            has_room = not now < (row.next_fetch_at or 0) <= now + longest
            places.append(max(1, int(row.per_minute / 60 * _RATE_SLICE)) if has_room else 0)
        room[row.name] = min(places)
    return room


def _spend(session: Session, taken: Mapping[str, int], now: float) -> None:
    """Note what was taken of sources that allow so many documents a minute."""
    if not taken:
        return
    rated = select(SourceRow).where(SourceRow.name.in_(list(taken)), SourceRow.per_minute.is_not(None))
    for source in session.scalars(rated):
        source.next_fetch_at = now + taken[source.name] * 60.0 / (source.per_minute or 1.0)
