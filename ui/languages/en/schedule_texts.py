"""Schedules in words."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.schedules import ALL_DAYS, WORK_DAYS, Range, Timetable, fields_of

WHEN = "When to look for changes"
QUARTER, HOURLY, NIGHTLY = "Every 15 minutes", "Every hour", "Every night at 02:00"
MONDAYS, WORKDAYS, MONTHLY = "Mondays at 06:00", "Monday to Friday at 06:00", "On the 1st of each month at 03:00"
ON_REQUEST, OWN_DAYS, OWN_LINE = "Only when I say so", "On days of my choice…", "As a cron line…"
DAYS, AT = "Days", "At"
LINE = "Cron line"
LINE_HELP = "Minute, hour, day, month, weekday, such as 0 6 * * 1-5; or every 15m, every 2h, every 1d."
ZONE = "Time zone"
ODD = "This line is not understood here; the server checks it."
DAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
SHORT_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
MONTH_NAMES = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day"}


def words(table: Timetable) -> str:
    """Return a timetable in words."""
    match table.kind:
        case "none":
            return ON_REQUEST
        case "every":
            unit = _UNITS[table.unit]
            return f"Every {unit}" if table.number == 1 else f"Every {table.number} {unit}s"
        case "days":
            return f"{_days(table.days)} at {_clock(table)}"
        case "month":
            return f"On the {_ordinal(table.day)} of each month at {_clock(table)}"
        case "cron":
            return _cron(table.line)
    return table.line


def as_line(line: str) -> str:
    """Say how a schedule is written for machines."""
    return f"As a line: {line}"


def read_back(table: Timetable, zone: str) -> str:
    """Say what a line means."""
    if table.kind in {"none", "every"}:
        return f"{words(table)}."
    return f"{words(table)} ({zone})."


def next_times(times: tuple[float, ...], zone: str) -> str:
    """Say when a schedule is due next, in the reader's time zone."""
    if not times:
        return ""
    return f"Next: {'; '.join(moment(one, zone) for one in times)} ({zone})"


def moment(seconds: float, zone: str) -> str:
    """Return a moment (seconds since the epoch) as a date and a time of the zone."""
    at = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return f"{SHORT_DAYS[(at.weekday() + 1) % 7]} {at.day} {MONTH_NAMES[at.month - 1][:3]}, {at:%H:%M}"


def until(seconds: float, now: float | None = None) -> str:
    """Return how long it is until a moment, in seconds since the epoch."""
    left = seconds - (time.time() if now is None else now)
    if left < 60:
        return "in a moment"
    for size, one in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if left >= size:
            number = round(left / size)
            return f"in {number} {one}{'' if number == 1 else 's'}"
    return "in a moment"


def _days(days: tuple[int, ...]) -> str:
    if days == ALL_DAYS:
        return "Every day"
    if days == WORK_DAYS:
        return "Monday to Friday"
    return _listed([f"{DAY_NAMES[day]}s" for day in days])


def _clock(table: Timetable) -> str:
    return f"{table.hour:02d}:{table.minute:02d}"


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _cron(line: str) -> str:
    fields = fields_of(line)
    if fields is None:
        return line
    minute, hour, day, month, weekday = fields
    only = [one[0][0] for one in (hour, minute) if len(one) == 1 and one[0][0] == one[0][1]]
    if len(only) == 2:
        parts = [f"at {only[0]:02d}:{only[1]:02d}"]
    elif minute == ((0, 0, 1),) and len(hour) == 1 and hour[0][:2] == (0, 23):
        parts = [f"every {hour[0][2]} hours"]
    else:
        parts = [_minutes(minute, hour)]
        if hour:
            parts.append(f"in the {_span(hour, 'hour', 'hours')}")
    if day:
        parts.append(f"on {_span(day, 'day', 'days')} of the month")
    if month:
        parts.append(f"in {_named(month, MONTH_NAMES, 1)}")
    if weekday:
        parts.append(f"{'or ' if day else ''}on {_named(weekday, (*DAY_NAMES, DAY_NAMES[0]), 0)}")
    said = ", ".join(parts)
    return said[:1].upper() + said[1:]


def _minutes(minute: tuple[Range, ...], hour: tuple[Range, ...]) -> str:
    if not minute:
        return "every minute"
    if len(minute) == 1 and minute[0][:2] == (0, 59):
        return f"every {minute[0][2]} minutes"
    if minute == ((0, 0, 1),) and not hour:
        return "every hour"
    return f"at {_span(minute, 'minute', 'minutes')}"


def _span(ranges: tuple[Range, ...], one: str, many: str) -> str:
    said = [str(a) if a == b else f"{a} to {b}{f', every {step}' if step > 1 else ''}" for a, b, step in ranges]
    return f"{one if len(said) == 1 and said[0].isdigit() else many} {_listed(said)}"


def _named(ranges: tuple[Range, ...], names: tuple[str, ...], first: int) -> str:
    said = []
    for a, b, step in ranges:
        end = f" to {names[b - first]}{f', every {step}' if step > 1 else ''}" if a != b else ""
        said.append(f"{names[a - first]}{end}")
    return _listed(said)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
