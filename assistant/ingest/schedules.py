"""When a source is due: a cron expression in a time zone, or `every` and a length of time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.catalog import SourceRecord
from assistant.errors import ConfigurationError

_CLOCK_SECONDS = 60.0  # hosts' clocks may differ by less
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_EVERY = re.compile(r"every\s+(\d+)\s*([smhd])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A parsed schedule: `seconds` between runs, or a cron expression and the time zone that its hours are of."""

    seconds: int | None = None
    cron: str | None = None
    zone: tzinfo = UTC

    def next_after(self, moment: float) -> float:
        """Return the first time after `moment` at which a run is due; both in seconds since the epoch."""
        if self.seconds is not None:
            return moment + self.seconds
        from croniter import croniter

        return float(croniter(self.cron, datetime.fromtimestamp(moment, self.zone)).get_next(float))


def parse_schedule(text: str, time_zone: str = "UTC") -> Schedule:
    """Parse `every 30s`, `every 15m`, `every 2h`, `every 1d`, or five cron fields (minute hour day month weekday).

    Args:
        text: the schedule.
        time_zone: the IANA's name of the zone that the cron fields are of, e.g. `Europe/Vienna`.

    Raises:
        ConfigurationError: it is neither, or there is no such zone.
    """
    schedule = _parsed(text.strip(), parse_zone(time_zone))
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


def parse_zone(name: str) -> ZoneInfo:
    """Return the time zone of that name. Raises ConfigurationError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last two: a path, a folder
        raise ConfigurationError(f"{name!r} is no time zone", "write one as `Europe/Vienna` or `UTC`") from None


def due_at(source: SourceRecord, now: float) -> float | None:
    """Return when the source is to be synced next, None where it is not by itself.

    A moment that has passed, also of a time when nothing ran, is due once. Where the clock was set back behind the last
    sync, the source is due now.

    Raises:
        ConfigurationError: its schedule is wrong.
    """
    if source.state != "active" or source.schedule is None:
        return None
    schedule = parse_schedule(source.schedule, source.time_zone)
    if source.last_sync_at is None or source.last_sync_at > now + _CLOCK_SECONDS:
        return now
    return schedule.next_after(source.last_sync_at) if source.retry_at is None else source.retry_at


def overdue_seconds(sources: Iterable[SourceRecord], now: float) -> float:
    """Return for how long the source that is due longest has been so; 0 where none is.

    One that was never synced is due from the moment it was added; one with a wrong schedule never is.
    """
    longest = 0.0
    for source in sources:
        with suppress(ConfigurationError):
            moment = due_at(source, now)
            if moment is not None:
                since = source.created_at if source.last_sync_at is None else moment
                longest = max(longest, now - since)
    return longest


def _parsed(text: str, zone: tzinfo) -> Schedule | None:
    every = _EVERY.fullmatch(text)
    if every:
        seconds = int(every[1]) * _UNITS[every[2].lower()]
        return Schedule(seconds=seconds) if seconds > 0 else None
    from croniter import croniter

    return Schedule(cron=text, zone=zone) if len(text.split()) == 5 and croniter.is_valid(text) else None
