"""Zeitpläne in Worten."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

from ui.schedules import ALL_DAYS, WORK_DAYS, Range, Timetable, fields_of

WHEN = "Wann nach Änderungen gesehen wird"
QUARTER, HOURLY, NIGHTLY = "Alle 15 Minuten", "Jede Stunde", "Jede Nacht um 02:00"
MONDAYS, WORKDAYS, MONTHLY = "Montags um 06:00", "Montag bis Freitag um 06:00", "Am 1. jedes Monats um 03:00"
ON_REQUEST, OWN_DAYS, OWN_LINE = "Nur auf Wunsch", "An bestimmten Tagen…", "Als Cron-Zeile…"
DAYS, AT = "Tage", "Um"
LINE = "Cron-Zeile"
LINE_HELP = "Minute, Stunde, Tag, Monat, Wochentag, etwa 0 6 * * 1-5; oder every 15m, every 2h, every 1d."
ZONE = "Zeitzone"
ODD = "Diese Zeile wird hier nicht verstanden; der Server prüft sie."
DAY_NAMES = ("Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag")
SHORT_DAYS = ("So", "Mo", "Di", "Mi", "Do", "Fr", "Sa")
MONTH_NAMES = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli"),
    *("August", "September", "Oktober", "November", "Dezember"),
)
_UNITS = {
    "s": ("Jede Sekunde", "Sekunden"),
    "m": ("Jede Minute", "Minuten"),
    "h": ("Jede Stunde", "Stunden"),
    "d": ("Jeden Tag", "Tage"),
}


def words(table: Timetable) -> str:
    """Return a timetable in words."""
    match table.kind:
        case "none":
            return ON_REQUEST
        case "every":
            one, many = _UNITS[table.unit]
            return one if table.number == 1 else f"Alle {table.number} {many}"
        case "days":
            return f"{_days(table.days)} um {_clock(table)}"
        case "month":
            return f"Am {table.day}. jedes Monats um {_clock(table)}"
        case "cron":
            return _cron(table.line)
    return table.line


def as_line(line: str) -> str:
    """Say how a schedule is written for machines."""
    return f"Als Zeile: {line}"


def read_back(table: Timetable, zone: str) -> str:
    """Say what a line means."""
    if table.kind in {"none", "every"}:
        return f"{words(table)}."
    return f"{words(table)} ({zone})."


def next_times(times: tuple[float, ...], zone: str) -> str:
    """Say when a schedule is due next, in the reader's time zone."""
    if not times:
        return ""
    return f"Als Nächstes: {'; '.join(moment(one, zone) for one in times)} ({zone})"


def moment(seconds: float, zone: str) -> str:
    """Return a moment (seconds since the epoch) as a date and a time of the zone."""
    at = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    return f"{SHORT_DAYS[(at.weekday() + 1) % 7]}, {at.day}. {MONTH_NAMES[at.month - 1]}, {at:%H:%M}"


def until(seconds: float, now: float | None = None) -> str:
    """Return how long it is until a moment, in seconds since the epoch."""
    left = seconds - (time.time() if now is None else now)
    for size, one, many in ((86400, "einem Tag", "Tagen"), (3600, "einer Stunde", "Stunden")):
        if left >= size:
            number = round(left / size)
            return f"in {one if number == 1 else f'{number} {many}'}"
    if left < 60:
        return "gleich"
    number = round(left / 60)
    return f"in {'einer Minute' if number == 1 else f'{number} Minuten'}"


def _days(days: tuple[int, ...]) -> str:
    if days == ALL_DAYS:
        return "Jeden Tag"
    if days == WORK_DAYS:
        return "Montag bis Freitag"
    said = _listed([f"{DAY_NAMES[day].lower()}s" for day in days])
    return said[:1].upper() + said[1:]


def _clock(table: Timetable) -> str:
    return f"{table.hour:02d}:{table.minute:02d}"


def _cron(line: str) -> str:
    fields = fields_of(line)
    if fields is None:
        return line
    minute, hour, day, month, weekday = fields
    only = [one[0][0] for one in (hour, minute) if len(one) == 1 and one[0][0] == one[0][1]]
    if len(only) == 2:
        parts = [f"um {only[0]:02d}:{only[1]:02d}"]
    elif minute == ((0, 0, 1),) and len(hour) == 1 and hour[0][:2] == (0, 23):
        parts = [f"alle {hour[0][2]} Stunden"]
    else:
        parts = [_minutes(minute, hour)]
        if hour:
            parts.append(f"in {_span(hour, 'Stunde', 'den Stunden')}")
    if day:
        parts.append(f"an {_span(day, 'Tag', 'den Tagen')} des Monats")
    if month:
        parts.append(f"im {_named(month, MONTH_NAMES, 1)}")
    if weekday:
        parts.append(f"{'oder ' if day else ''}am {_named(weekday, (*DAY_NAMES, DAY_NAMES[0]), 0)}")
    said = ", ".join(parts)
    return said[:1].upper() + said[1:]


def _minutes(minute: tuple[Range, ...], hour: tuple[Range, ...]) -> str:
    if not minute:
        return "jede Minute"
    if len(minute) == 1 and minute[0][:2] == (0, 59):
        return f"alle {minute[0][2]} Minuten"
    if minute == ((0, 0, 1),) and not hour:
        return "jede Stunde"
    return f"zu {_span(minute, 'Minute', 'den Minuten')}"


def _span(ranges: tuple[Range, ...], one: str, many: str) -> str:
    said = [str(a) if a == b else f"{a} bis {b}{f', jede {step}.' if step > 1 else ''}" for a, b, step in ranges]
    return f"{one if len(said) == 1 and said[0].isdigit() else many} {_listed(said)}"


def _named(ranges: tuple[Range, ...], names: tuple[str, ...], first: int) -> str:
    said = []
    for a, b, step in ranges:
        end = f" bis {names[b - first]}{f', jeder {step}.' if step > 1 else ''}" if a != b else ""
        said.append(f"{names[a - first]}{end}")
    return _listed(said)


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} und {items[-1]}"
