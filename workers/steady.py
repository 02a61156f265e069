"""Schedules of beat that a clock which is set does not disturb, and a beat that shows that it lives."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler
from celery.schedules import schedstate, schedule

_STARTED, _BEGAN = datetime.now(UTC), time.monotonic()


def steady_now() -> datetime:
    """Return the time by the clock that this process started with: it goes on evenly, whatever the host's does."""
    return _STARTED + timedelta(seconds=time.monotonic() - _BEGAN)


class Every(schedule):  # type: ignore[misc]  # Celery has no types
    """So many seconds between two runs.

    By the host's clock, beat would send nothing for an hour where it is set back by an hour.
    """

    def __init__(self, run_every: float | timedelta, relative: bool = False, nowfun: object = None) -> None:
        super().__init__(run_every, relative, nowfun or steady_now)

    def is_due(self, last_run_at: datetime) -> schedstate:
        """See `celery.schedules.schedule`; a run later than now was noted by a process with another clock."""
        if last_run_at > self.now() + self.run_every:
            return schedstate(is_due=True, next=self.seconds)
        return super().is_due(last_run_at)


class Telling(PersistentScheduler):  # type: ignore[misc]
    """Celery's own scheduler, which touches a file beside its schedule for a health check: `SCHEDULE.alive`.

    The schedule's own file does not tell: some of Python's `dbm` write it only when it is closed.
    """

    def tick(self, *args: Any, **named: Any) -> float:
        """See `celery.beat.Scheduler`."""
        Path(f"{self.schedule_filename}.alive").touch()
        return float(super().tick(*args, **named))
