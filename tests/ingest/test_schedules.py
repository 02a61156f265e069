"""Schedules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assistant.errors import ConfigurationError
from assistant.ingest.schedules import parse_schedule

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
