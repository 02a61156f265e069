"""Adds to dates, and counts what lies between them."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from assistant.errors import ToolError
from assistant.types import ToolResult, User

_MOST = 400_000  # days, weeks, months or years at once
_UNITS = ("days", "workdays", "weeks", "months", "years")
_WORK_WEEK = 5


def _today() -> date:
    return datetime.now(UTC).date()


class Dates:
    """See `interfaces.Tool`.

    Args:
        today: says which day it is.
    """

    name = "dates"
    description = (
        "Calendar arithmetic. `today` returns the date (UTC) and its weekday; `add` adds an amount (less than 0 too) of"
        " days, workdays (Monday to Friday, holidays not known), weeks, months or years to a date;"
        " `between` counts"
        " days, workdays and weeks from a date to another."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "operation": {"type": "string", "enum": ["today", "add", "between"]},
            "date": {"type": "string", "description": "YYYY-MM-DD; default: today."},
            "until": {"type": "string", "description": "YYYY-MM-DD, for `between`; default: today."},
            "amount": {"type": "integer", "description": "For `add`."},
            "unit": {"type": "string", "enum": list(_UNITS), "description": "For `add`; default: days."},
        },
        "required": ["operation"],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, today: Callable[[], date] = _today) -> None:
        self._today = today

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        del user
        try:
            match arguments.get("operation"):
                case "today":
                    return _dated(self._today())
                case "add":
                    return _dated(_added(self._date(arguments, "date"), arguments))
                case "between":
                    return _between(self._date(arguments, "date"), self._date(arguments, "until"))
        except (OverflowError, ValueError) as error:
            raise ToolError(f"there is no such date: {error}", "take one of the years 1 to 9999") from error
        raise ToolError(f"there is no operation {arguments.get('operation')!r}", "take today, add or between")

    def _date(self, arguments: Mapping[str, Any], field: str) -> date:
        text = arguments.get(field)
        if text is None:
            return self._today()
        try:
            return date.fromisoformat(text)
        except (TypeError, ValueError) as error:
            raise ToolError(f"{field} is {text!r} and no date", "write it as YYYY-MM-DD") from error


def _added(start: date, arguments: Mapping[str, Any]) -> date:
    amount, unit = arguments.get("amount"), arguments.get("unit", "days")
    if not isinstance(amount, int) or isinstance(amount, bool) or abs(amount) > _MOST:
        raise ToolError(f"amount is {amount!r}", f"take a whole number of up to {_MOST:,}")
    match unit:
        case "days":
            return start + timedelta(days=amount)
        case "weeks":
            return start + timedelta(weeks=amount)
        case "workdays":
            return _work_added(start, amount)
        case "months":
            return _months_added(start, amount)
        case "years":
            return _months_added(start, 12 * amount)
    raise ToolError(f"there is no unit {unit!r}", f"take one of: {', '.join(_UNITS)}")


def _months_added(start: date, months: int) -> date:
    """Return the same day of another month, its last day where it has no such day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ToolError(f"the year {year} is out of range", "take one of the years 1 to 9999")
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def _work_added(start: date, amount: int) -> date:
    step = 1 if amount >= 0 else -1
    found = start
    while found.weekday() >= _WORK_WEEK:  # from the workday before it in that direction; of nothing, on to the next
        found -= timedelta(days=step) if amount else -timedelta(days=1)
    weeks, left = divmod(abs(amount), _WORK_WEEK)
    found += step * timedelta(weeks=weeks)
    while left:
        found += timedelta(days=step)
        left -= found.weekday() < _WORK_WEEK
    return found


def _between(start: date, end: date) -> ToolResult:
    days = (end - start).days
    first, last = min(start, end), max(start, end)
    weeks, rest = divmod((last - first).days, 7)
    work = weeks * _WORK_WEEK + sum((first + timedelta(days=day)).weekday() < _WORK_WEEK for day in range(rest))
    work = work if days >= 0 else -work
    text = f"{start} to {end}: {days:,} days ({work:,} workdays, {days / 7:,.1f} weeks)"
    return ToolResult(text, {"days": days, "workdays": work, "from": str(start), "until": str(end)})


def _dated(found: date) -> ToolResult:
    weekday = calendar.day_name[found.weekday()]
    return ToolResult(f"{found} ({weekday})", {"date": str(found), "weekday": weekday})
