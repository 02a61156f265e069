"""The scheduler of beat: of several beats one sends, and each shows that it lives."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler

from assistant.catalog.election import LOOK_SECONDS, Election
from assistant.settings import load_settings

log = logging.getLogger(__name__)


class ElectedScheduler(PersistentScheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's own scheduler, which sends only while this beat is the one that leads.

    It touches a file beside its schedule for a health check, leading or not: `SCHEDULE.alive`. The schedule's own file
    does not tell: some of Python's `dbm` write it only when it is closed. What was due while another one led is sent
    once, at most, when this one begins to lead: to do it twice does no harm.

    Attributes:
        leads: whether it does, as of the last tick.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        self._election = Election(load_settings().catalog)
        self.leads = False
        super().__init__(*args, **named)

    def tick(self, *args: Any, **named: Any) -> float:
        """See `celery.beat.Scheduler`; the next one is soon, as Postgres takes a silent leader for a dead one."""
        Path(f"{self.schedule_filename}.alive").touch()
        leads = self._election.leads()
        if leads != self.leads:
            log.info("this beat leads now, and sends what is due" if leads else "this beat leads no more")
        self.leads = leads
        return min(float(super().tick(*args, **named)), LOOK_SECONDS) if leads else LOOK_SECONDS

    def close(self) -> None:
        """See `celery.beat.Scheduler`; another beat leads at once."""
        try:
            super().close()
        finally:
            self._election.resign()
