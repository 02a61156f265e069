"""When a source is due: a cron expression, or `every` and a length of time."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.errors import ConfigurationError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EVERY = re.compile(r"every\s+(\d+)\s*([smhd])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed schedule: `seconds` between runs, or a cron expression in UTC."""

    seconds: int | None = None
    cron: str | None = None

    def next_after(self, moment: float) -> float:
        """Return the first time after `moment` at which a run is due; both in seconds since the epoch."""
        if self.seconds is not None:
            return moment + self.seconds
        from croniter import croniter

        return float(croniter(self.cron, datetime.fromtimestamp(moment, UTC)).get_next(float))


def parse_schedule(text: str) -> Schedule:
    """Parse `every 30s`, `every 15m`, `every 2h`, `every 1d`, or five cron fields (minute hour day month weekday, UTC).

    Raises:
        ConfigurationError: it is neither.
    """
    schedule = _parsed(text.strip())
    if schedule is not None:
        try:
            schedule.next_after(time.time())  # a day that never comes, such as 30 February, has no next time
        except (ValueError, OverflowError):
            schedule = None
    if schedule is not None:
        return schedule
    raise ConfigurationError(
        f"{text!r} is not a schedule", 'write "every 15m", or five cron fields such as "0 6 * * 1-5"'
    )


def _parsed(text: str) -> Schedule | None:
    every = _EVERY.fullmatch(text)
    if every:
        seconds = int(every[1]) * _UNITS[every[2].lower()]
        return Schedule(seconds=seconds) if seconds > 0 else None
    from croniter import croniter

    return Schedule(cron=text) if len(text.split()) == 5 and croniter.is_valid(text) else None
