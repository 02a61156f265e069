"""How ingestion goes, in figures: for metrics, which are read every few seconds."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from assistant.catalog.database import Database
from assistant.catalog.models import JobRow, RunRow
from assistant.catalog.stages import goes_on

OUTCOMES = ("added", "updated", "moved", "unchanged", "deleted", "failed")


@dataclass(frozen=True, slots=True)
class Figures:
    """What is read of all sources.

    Attributes:
        jobs: documents by state: `queued`, `running`, `failed`.
        queued_since: when the oldest run began of which something is queued; seconds since the epoch, None: nothing is.
        failed: documents that failed, by the error's code.
        outcomes: documents of the runs since the moment asked for, by outcome.
        phases: seconds of work of those runs by phase, added up over workers.
    """

    jobs: Mapping[str, int]
    queued_since: float | None
    failed: Mapping[str, int]
    outcomes: Mapping[str, int]
    phases: Mapping[str, float]


class IngestFigures:
    """Reads them from the tables of jobs and runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def since(self, moment: float) -> Figures:
        """Return how things are, and what the runs did that began at `moment` (seconds since the epoch) or later."""
        lost = and_(JobRow.state == "running", JobRow.lease_until < time.time())  # its worker is gone, and it waits
        # what was left of runs that are over or cancelled is no work: the next sync records anew what still is
        known = select(case((lost, "queued"), else_=JobRow.state).label("state")).outerjoin(RunRow, goes_on())
        states = known.where(or_(JobRow.state == "failed", RunRow.id.is_not(None))).subquery()
        by_state = select(states.c.state, func.count()).group_by(states.c.state)
        by_code = select(JobRow.code, func.count()).where(JobRow.state == "failed").group_by(JobRow.code)
        waiting = select(JobRow.run_id).where(JobRow.state == "queued")
        oldest = select(func.min(RunRow.started_at)).where(
            RunRow.id.in_(waiting), RunRow.state == "running", RunRow.cancelled.is_(False)
        )
        columns = [getattr(RunRow, name) for name in OUTCOMES]
        runs = select(RunRow.phases, *columns).where(RunRow.started_at >= moment)
        outcomes, phases = Counter[str](), Counter[str]()
        with self._database.read() as session:
            for row in session.execute(runs):
                outcomes.update(dict(zip(OUTCOMES, row[1:], strict=True)))
                phases.update(row.phases or {})
            return Figures(
                {row[0]: row[1] for row in session.execute(by_state)},
                session.scalar(oldest),
                {row[0]: row[1] for row in session.execute(by_code)},
                outcomes,
                phases,
            )
