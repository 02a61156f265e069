"""Dates and languages in one form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from assistant.parsing.metadata import iso_time, language_code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=timezone(timedelta(hours=2))), "2026-11-24T10:00:00Z"),
        (datetime(2026, 11, 24, 12), "2026-11-24T12:00:00Z"),  # noqa: DTZ001 (files state times without a zone)
        ("2026-11-24T12:00:00+01:00", "2026-11-24T11:00:00Z"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), ""),
        (datetime(900, 1, 1, tzinfo=UTC), "0900-01-01T00:00:00Z"),
        ("yesterday", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_times(value: datetime | str | None, expected: str):
    assert iso_time(value) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de-CH", "de"),
        ("en_US", "en"),
        ("FR", "fr"),
        ("zxx", ""),
        ("English", ""),
        ("", ""),
        (None, ""),
        ("x-none", ""),
    ],
)
def test_languages(tag: str | None, expected: str):
    assert language_code(tag) == expected
