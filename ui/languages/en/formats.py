"""How numbers, amounts and moments are written in English."""

from __future__ import annotations

import time
from datetime import date

DATE_FIELD = "YYYY-MM-DD"  # how a day is typed into a field


def number(value: int) -> str:
    """Return e.g. `1,024`."""
    return f"{value:,}"


def decimal(value: float, places: int = 1) -> str:
    """Return e.g. `2.3`."""
    return f"{value:,.{places}f}"


def day(moment: float) -> str:
    """Return the day of a moment (seconds since the epoch) here, e.g. `2026-01-31`."""
    return time.strftime("%Y-%m-%d", time.localtime(moment))


def iso_day(said: str) -> str:
    """Return a day, or the day of a moment, that is written as ISO 8601 has it; what is neither stays as it is."""
    try:
        return date.fromisoformat(said[:10]).isoformat()
    except ValueError:
        return said


def clock(moment: float) -> str:
    """Return the time of a moment (seconds since the epoch) here, e.g. `14:05`."""
    return time.strftime("%H:%M", time.localtime(moment))


def instant(moment: float) -> str:
    """Return a moment (seconds since the epoch) in UTC to the second, e.g. `2026-01-31 14:05:09`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment))


def minute(moment: float) -> str:
    """Return a moment (seconds since the epoch) in UTC to the minute, e.g. `2026-01-31 14:05`."""
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(moment))
