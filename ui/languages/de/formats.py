"""How numbers, amounts and moments are written in German."""

from __future__ import annotations

import time
from datetime import date

DATE_FIELD = "DD.MM.YYYY"  # how a day is typed into a field
_SEPARATORS = str.maketrans(",.", ".,")


def number(value: int) -> str:
    """Return e.g. `1.024`."""
    return f"{value:,}".translate(_SEPARATORS)


def decimal(value: float, places: int = 1) -> str:
    """Return e.g. `2,3`."""
    return f"{value:,.{places}f}".translate(_SEPARATORS)


def day(moment: float) -> str:
    """Return the day of a moment (seconds since the epoch) here, e.g. `31.01.2026`."""
    return time.strftime("%d.%m.%Y", time.localtime(moment))


def iso_day(said: str) -> str:
    """Return a day, or the day of a moment, that is written as ISO 8601 has it; what is neither stays as it is."""
    try:
        return f"{date.fromisoformat(said[:10]):%d.%m.%Y}"
    except ValueError:
        return said


def clock(moment: float) -> str:
    """Return the time of a moment (seconds since the epoch) here, e.g. `14:05`."""
    return time.strftime("%H:%M", time.localtime(moment))


def instant(moment: float) -> str:
    """Return a moment (seconds since the epoch) in UTC to the second, e.g. `31.01.2026 14:05:09`."""
    return time.strftime("%d.%m.%Y %H:%M:%S", time.gmtime(moment))


def minute(moment: float) -> str:
    """Return a moment (seconds since the epoch) in UTC to the minute, e.g. `31.01.2026 14:05`."""
    return time.strftime("%d.%m.%Y %H:%M", time.gmtime(moment))
