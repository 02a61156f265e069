"""Dates and periods in English and German."""

from __future__ import annotations

import pytest

from plugins.contracts.dates import dues_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("on 1 March 2025", ["2025-03-01"]),
        ("by March 1st, 2025 or 2026-02-28", ["2025-03-01", "2026-02-28"]),
        ("am 1. Mai 2024 und am 31.12.2027", ["2024-05-01", "2027-12-31"]),
        ("on 31 February 2025", []),
        ("within thirty (30) days", ["30 days"]),
        ("ten business days", ["10 working days"]),
        ("mit einer Frist von drei Monaten", ["3 months"]),
        ("binnen 5 Werktagen", ["5 working days"]),
        ("within 24 hours, then a year", ["24 hours", "1 year"]),
        ("for **5 Jahren**", ["5 years"]),
        ("in 2025 there were pears", []),
    ],
)
def test_what_is_found(text: str, shown: list[str]) -> None:
    found = dues_of(text)
    assert [due.shown for due in found] == shown
    assert all(text[due.start : due.end] == due.text for due in found)


def test_dates_come_before_periods_and_both_sort() -> None:
    found = dues_of("12 months, 1 May 2026, two weeks, 2025-01-01, 8 hours")
    ordered = [due.shown for due in sorted(found, key=lambda due: due.order)]
    assert ordered == ["2025-01-01", "2026-05-01", "8 hours", "2 weeks", "12 months"]
