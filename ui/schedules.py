"""Schedules between people and the API: what a line means, and the line for what was chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["none", "every", "days", "month", "cron", "odd"]
_EVERY = re.compile(r"every\s+(\d+)\s*([smhd])", re.IGNORECASE)
_DAY_NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
ALL_DAYS = (1, 2, 3, 4, 5, 6, 0)
WORK_DAYS = (1, 2, 3, 4, 5)
Range = tuple[int, int, int]  # first, last, step
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # what a cron line's fields may hold


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a schedule says.

    Attributes:
        kind: `none`; `every` so many units; on `days` of the week, or a day of the `month`, at a time; any other
            `cron` line; or something `odd`, which only the API can tell.
        line: as the API takes it, empty for none.
        number, unit: of `every`; the unit is `s`, `m`, `h` or `d`.
        days: of the week, 0 is Sunday; in the order Monday to Sunday.
        day: of the month, from 1.
        hour, minute: of the day.
    """

    kind: Kind
    line: str = ""
    number: int = 0
    unit: str = "h"
    days: tuple[int, ...] = ()
    day: int = 1
    hour: int = 0
    minute: int = 0


def every(number: int, unit: str) -> Timetable:
    """Return the timetable `every 15m`."""
    return Timetable("every", f"every {number}{unit}", number=number, unit=unit)


def on_days(days: tuple[int, ...], hour: int, minute: int = 0) -> Timetable:
    """Return the timetable of these days of the week, none or all: every day, at a time."""
    chosen = tuple(day for day in ALL_DAYS if day in days) or ALL_DAYS
    field = "*" if chosen == ALL_DAYS else "1-5" if chosen == WORK_DAYS else ",".join(map(str, sorted(chosen)))
    return Timetable("days", f"{minute} {hour} * * {field}", days=chosen, hour=hour, minute=minute)


def on_day_of_month(day: int, hour: int, minute: int = 0) -> Timetable:
    """Return the timetable of a day of each month, at a time."""
    return Timetable("month", f"{minute} {hour} {day} * *", day=day, hour=hour, minute=minute)


def read(line: str) -> Timetable:
    """Return what a line says."""
    text = " ".join(line.split())
    if not text:
        return Timetable("none")
    if found := _EVERY.fullmatch(text):
        return every(int(found[1]), found[2].lower())
    fields = fields_of(text)
    return Timetable("odd", text) if fields is None else _of_fields(text, fields)


def _of_fields(text: str, fields: tuple[tuple[Range, ...], ...]) -> Timetable:
    """Return what a cron line says that holds these fields."""
    minute, hour, day, month, weekday = fields
    at = _single(minute), _single(hour)
    if at[0] is None or at[1] is None or month:
        return Timetable("cron", text)
    if not day:
        days = tuple(sorted({number % 7 for one in weekday for number in _spanned(one)}))
        known = on_days(days, at[1], at[0])
        return Timetable("days", text, days=known.days, hour=at[1], minute=at[0])
    if (only := _single(day)) and not weekday:
        return Timetable("month", text, day=only, hour=at[1], minute=at[0])
    return Timetable("cron", text)


def fields_of(line: str) -> tuple[tuple[Range, ...], ...] | None:
    """Return what the five fields of a cron line hold, an empty tuple for any; None where it is another line."""
    parts = line.split()
    if len(parts) != len(_FIELDS):
        return None
    read_fields = []
    for part, (least, most) in zip(parts, _FIELDS, strict=True):
        ranges = [_range(item, least, most) for item in part.split(",")]
        if any(one is None for one in ranges):
            return None
        read_fields.append(() if part == "*" else tuple(one for one in ranges if one is not None))
    return tuple(read_fields)


def _range(text: str, least: int, most: int) -> Range | None:
    body, slash, step = text.partition("/")
    if slash and (not step.isdigit() or not int(step)):
        return None
    if body == "*":
        return least, most if most != 7 else 6, int(step or 1)
    first, dash, last = body.partition("-")
    numbers = [_number(one, most) for one in ((first, last) if dash else (first,))]
    if any(one is None or not least <= one <= most for one in numbers):
        return None
    begin = int(numbers[0] or 0)
    end = int(numbers[-1] or 0) if dash or not slash else most
    return (begin, end, int(step or 1)) if begin <= end else None


def _number(text: str, most: int) -> int | None:
    if text.isdigit():
        return int(text)
    return _DAY_NAMES.index(text.lower()) if most == 7 and text.lower() in _DAY_NAMES else None


def _single(field: tuple[Range, ...]) -> int | None:
    """Return the one number that a field holds, None for any other field."""
    return field[0][0] if len(field) == 1 and field[0][0] == field[0][1] else None


def _spanned(one: Range) -> range:
    return range(one[0], one[1] + 1, one[2])
