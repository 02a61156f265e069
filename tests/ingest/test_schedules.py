"""Schedules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.catalog import SourceRecord
from assistant.errors import ConfigurationError
from assistant.ingest.schedules import due_at, overdue_seconds, parse_schedule

MONDAY = datetime(2026, 11, 23, 5, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("every 30s", 30),
        ("Every 15 m", 900),
        ("every 2h", 7200),
        ("every 1d", 86400),
        ("0 6 * * *", 1800),
        ("*/10 * * * *", 600),
        ("0 6 * * 2", 1800 + 86400),
    ],
)
def test_next_time(text: str, seconds: int) -> None:
    assert parse_schedule(text).next_after(MONDAY) == MONDAY + seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "every",
        "every 0s",
        "every -1m",
        "every 5y",
        "* * *",
        "61 * * * *",
        "hourly",
        "0 0 30 2 *",
        f"every {'9' * 400}d",
    ],
)
def test_what_is_no_schedule_is_said(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a schedule"):
        parse_schedule(text)


VIENNA = "Europe/Vienna"


def at(text: str, zone: str = "Europe/Vienna") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("after", "then"),
    [
        ("2026-11-23 05:30", "2026-11-23 06:00"),
        ("2026-03-28 06:00", "2026-03-29 06:00"),  # the clock goes forward in that night: 23 hours
        ("2026-10-24 06:00", "2026-10-25 06:00"),  # and back: 25 hours
    ],
)
def test_hours_are_those_of_the_time_zone(after: str, then: str) -> None:
    assert parse_schedule("0 6 * * *", VIENNA).next_after(at(after)) == at(then)


def test_an_hour_that_the_clock_leaves_out_is_not_skipped_for_a_day() -> None:
    due = parse_schedule("30 2 * * *", VIENNA).next_after(at("2026-03-28 12:00"))
    assert at("2026-03-29 01:59") < due <= at("2026-03-29 03:30")


def test_an_hour_that_comes_twice_is_due_once() -> None:
    first = parse_schedule("30 2 * * *", VIENNA).next_after(at("2026-10-24 12:00"))
    assert parse_schedule("30 2 * * *", VIENNA).next_after(first + 4000) - first > 20 * 3600


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "Europe"])
def test_what_is_no_time_zone_is_said(zone: str) -> None:
    with pytest.raises(ConfigurationError, match="is no time zone"):
        parse_schedule("0 6 * * *", zone)


def record(**values: Any) -> SourceRecord:
    basics: dict[str, Any] = {
        "name": "s",
        "kind": "folder",
        "config": {},
        "readers": {},
        "schedule": "every 1h",
        "state": "active",
        "cursor": None,
        "last_sync_at": MONDAY,
        "last_error": None,
        "created_at": 0.0,
    }
    return SourceRecord(**basics | values)


@pytest.mark.parametrize(
    ("source", "due"),
    [
        (record(), MONDAY + 3600),
        (record(state="paused"), None),
        (record(schedule=None), None),
        (record(last_sync_at=None), MONDAY),
        (record(retry_at=MONDAY + 60), MONDAY + 60),
        (record(last_sync_at=MONDAY - 5 * 86400), MONDAY - 5 * 86400 + 3600),  # missed a hundred times, due once
        (record(last_sync_at=MONDAY + 3 * 86400), MONDAY),  # the clock was set back
        (record(schedule="0 8 * * *", time_zone=VIENNA), at("2026-11-23 08:00")),
    ],
)
def test_when_a_source_is_due(source: SourceRecord, due: float | None) -> None:
    assert due_at(source, MONDAY) == due


def test_for_how_long_a_source_has_been_due() -> None:
    now = 1_000_000.0
    late = record(schedule="every 1h", last_sync_at=now - 5000)
    new = record(schedule="every 1h", last_sync_at=None, created_at=now - 900)
    others = [
        record(schedule="never", last_sync_at=0.0),
        record(schedule=None),
        record(state="paused", schedule="every 1s"),
    ]
    assert overdue_seconds([new, *others], now) == 900
    assert overdue_seconds([late, new], now) == 1400
    assert overdue_seconds([record(schedule="every 2h", last_sync_at=now - 5000)], now) == 0
