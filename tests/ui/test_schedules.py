"""Schedules in words and as lines, both ways."""

from __future__ import annotations

import pytest
from croniter import croniter

from ui.languages.de import schedule_texts as german
from ui.languages.en import schedule_texts as english
from ui.schedules import ALL_DAYS, every, on_day_of_month, on_days, read


@pytest.mark.parametrize(
    ("line", "kind", "said", "gesagt"),
    [
        ("", "none", "Only when I say so", "Nur auf Wunsch"),
        ("every 1h", "every", "Every hour", "Jede Stunde"),
        ("Every  15 M", "every", "Every 15 minutes", "Alle 15 Minuten"),
        ("0 2 * * *", "days", "Every day at 02:00", "Jeden Tag um 02:00"),
        ("0 6 * * 1-5", "days", "Monday to Friday at 06:00", "Montag bis Freitag um 06:00"),
        ("0 2 * * sun,6", "days", "Saturdays and Sundays at 02:00", "Samstags und sonntags um 02:00"),
        ("5 22 * * 5-7", "days", "Fridays, Saturdays and Sundays at 22:05", "Freitags, samstags und sonntags um 22:05"),
        ("30 7 2 * *", "month", "On the 2nd of each month at 07:30", "Am 2. jedes Monats um 07:30"),
        ("30 7 13 * *", "month", "On the 13th of each month at 07:30", "Am 13. jedes Monats um 07:30"),
        ("*/15 * * * *", "cron", "Every 15 minutes", "Alle 15 Minuten"),
        ("0 * * * *", "cron", "Every hour", "Jede Stunde"),
        ("0 */2 * * *", "cron", "Every 2 hours", "Alle 2 Stunden"),
        (
            "5 4 1 1 *",
            "cron",
            "At 04:05, on day 1 of the month, in January",
            "Um 04:05, an Tag 1 des Monats, im Januar",
        ),
        ("0 0 13 * 5", "cron", "At 00:00, on day 13 of the month, or on Friday", ""),
        ("0,30 8-18 * * 1-5", "cron", "At minutes 0 and 30, in the hours 8 to 18, on Monday to Friday", ""),
        ("0 9 * * 1#1", "odd", "0 9 * * 1#1", "0 9 * * 1#1"),
        ("0 9 * * 9", "odd", "0 9 * * 9", "0 9 * * 9"),
        ("0 18-8 * * *", "odd", "0 18-8 * * *", "0 18-8 * * *"),
    ],
)
def test_a_line_in_words(line: str, kind: str, said: str, gesagt: str) -> None:
    table = read(line)
    assert (table.kind, english.words(table)) == (kind, said)
    if gesagt:
        assert german.words(table) == gesagt


def test_what_is_chosen_is_a_line_that_reads_the_same() -> None:
    for table in (every(2, "h"), on_days((), 3), on_days((0, 3), 4, 15), on_days(ALL_DAYS, 3), on_day_of_month(31, 0)):
        assert read(table.line) == table
        assert table.kind == "every" or croniter.is_valid(table.line)
    assert on_days((1, 2, 3, 4, 5), 6).line == "0 6 * * 1-5"


def test_moments_are_told_in_the_zone() -> None:
    assert english.moment(1_800_000_000, "UTC") == "Fri 15 Jan, 08:00"
    assert english.moment(1_800_000_000, "Europe/Vienna") == "Fri 15 Jan, 09:00"
    assert german.moment(1_800_000_000, "Europe/Vienna") == "Fr, 15. Januar, 09:00"


@pytest.mark.parametrize(
    ("left", "said", "gesagt"),
    [(5, "in a moment", "gleich"), (61, "in 1 minute", "in einer Minute"), (7_300, "in 2 hours", "in 2 Stunden")],
)
def test_how_long_it_is(left: float, said: str, gesagt: str) -> None:
    assert english.until(1000 + left, 1000) == said
    assert german.until(1000 + left, 1000) == gesagt
