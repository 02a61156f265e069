"""The calendar tool."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assistant.errors import ToolError
from assistant.types import LOCAL_OPERATOR, ToolResult
from plugins.dates import Dates


def run(**arguments: Any) -> ToolResult:
    return Dates(lambda: date(2026, 2, 27)).run(arguments, LOCAL_OPERATOR)


@pytest.mark.parametrize(
    ("day", "amount", "unit", "expected"),
    [
        ("2026-01-31", 1, "months", "2026-02-28"),
        ("2024-02-29", 1, "years", "2025-02-28"),
        ("2026-01-15", -1, "months", "2025-12-15"),
        ("2026-02-27", 1, "days", "2026-02-28"),
        ("2026-02-27", 2, "weeks", "2026-03-13"),
        ("2026-02-27", 1, "workdays", "2026-03-02"),
        ("2026-02-28", 0, "workdays", "2026-03-02"),
        ("2026-02-28", 1, "workdays", "2026-03-02"),
        ("2026-02-28", 5, "workdays", "2026-03-06"),
        ("2026-02-28", -1, "workdays", "2026-02-27"),
        ("2026-02-28", -5, "workdays", "2026-02-23"),
        ("2026-03-02", -1, "workdays", "2026-02-27"),
        ("2026-02-27", 10, "workdays", "2026-03-13"),
    ],
)
def test_add(day: str, amount: int, unit: str, expected: str):
    assert run(operation="add", date=day, amount=amount, unit=unit).data["date"] == expected


def test_workdays_are_what_a_walk_finds():
    from datetime import timedelta

    for first in range(14):
        start = date(2026, 1, 1) + timedelta(days=first)
        for span in range(25):
            end = start + timedelta(days=span)
            walked = sum((start + timedelta(days=day)).weekday() < 5 for day in range(span))
            found = run(operation="between", date=str(start), until=str(end)).data
            assert (found["days"], found["workdays"]) == (span, walked)


def test_today_and_the_default_dates():
    assert run(operation="today").text == "2026-02-27 (Friday)"
    assert run(operation="between", until="2026-03-01").data["days"] == 2
    assert run(operation="between", date="2026-03-01").data["days"] == -2


@pytest.mark.parametrize(
    "arguments",
    [
        {}, {"operation": "sub"}, {"operation": "add"}, {"operation": "add", "amount": "2"},
        {"operation": "add", "amount": True}, {"operation": "add", "amount": 10**9},
        {"operation": "add", "amount": 1, "unit": "hours"}, {"operation": "add", "amount": 300_000, "unit": "years"},
        {"operation": "add", "amount": 1, "date": "27.2.2026"}, {"operation": "between", "date": 5},
        {"operation": "add", "amount": 9999, "unit": "years"},
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(arguments: dict[str, Any]):
    with pytest.raises(ToolError):
        run(**arguments)
