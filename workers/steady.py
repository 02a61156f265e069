"""Schedules of beat that a clock which is set does not disturb."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

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
