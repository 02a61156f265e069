"""When a source is due: a cron expression, or `every` and a length of time."""

from __future__ import annotations

import re
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
    every = _EVERY.fullmatch(text.strip())
    if every:
        seconds = int(every[1]) * _UNITS[every[2].lower()]
        if seconds > 0:
            return Schedule(seconds=seconds)
    else:
        from croniter import croniter

        if len(text.split()) == 5 and croniter.is_valid(text.strip()):
            return Schedule(cron=text.strip())
    raise ConfigurationError(
        f"{text!r} is not a schedule", 'write "every 15m", or five cron fields such as "0 6 * * 1-5"'
    )
