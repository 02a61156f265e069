"""Figures of use: who sees them, and that none are of a handful of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from assistant.catalog import Figures, SourceFigures
from assistant.catalog.usage import By, today
from assistant.conversations import usage
from assistant.conversations.usage import MOST_DAYS, UsageDesk
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import User

BYS: tuple[By, ...] = ("day", "mode", "model")
ADMIN = User("root", frozenset(), "admin")
AUDITOR = User("dan", frozenset(), "auditor")
FIGURES = Figures("", 10, 9, 1, 1, 0, 500, 50, 100, 400, 8, 6, (0.5, 1.0), (1.0, 2.0))


class Table:
    """Holds figures that the test says."""

    def __init__(self, **rows: Sequence[Figures]) -> None:
        self.rows, self.caught_up = rows, 0
        self.cited: list[SourceFigures] = []

    def catch_up(self) -> int:
        self.caught_up += 1
        return 0

    def survey(self, since: int, until: int) -> dict[By, Sequence[Figures]]:
        return {"all": self.rows.get("total", [FIGURES]), **{by: self.rows.get(by, []) for by in BYS}}

    def sources(self, since: int, until: int) -> list[SourceFigures]:
        return self.cited


def desk(table: Table, few: int = 5) -> UsageDesk:
    return UsageDesk(table, few)  # type: ignore[arg-type]


def test_only_admins_and_auditors_see_how_much_is_asked() -> None:
    for role in ("employee", "curator"):
        with pytest.raises(AccessDeniedError):
            desk(Table()).report(User("ann", frozenset(), role), 30)  # type: ignore[arg-type]
    assert desk(Table()).report(ADMIN, 30).total.figures == FIGURES
    assert desk(Table()).report(AUDITOR, 30).few == 5


@pytest.mark.parametrize("days", [0, -1, MOST_DAYS + 1])
def test_a_period_that_makes_no_sense_is_refused(days: int) -> None:
    with pytest.raises(ConfigurationError, match="days"):
        desk(Table()).report(ADMIN, days)


def test_each_day_is_there_and_days_of_few_people_say_only_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    now = today()
    monkeypatch.setattr(usage, "today", lambda: now)  # midnight may come
    table = Table(day=[replace(FIGURES, key=str(now), people=4), replace(FIGURES, key=str(now - 2), people=5)])
    days = desk(table).report(ADMIN, 3).days
    assert [(day.figures.questions, day.withheld) for day in days] == [(10, False), (0, False), (10, True)]
    assert days[0].figures.people == 5
    few = days[2].figures
    assert (few.people, few.not_found, few.prompt_tokens, few.first, few.whole) == (0, 0, 0, None, None)


def test_models_and_sources_of_few_people_are_put_together() -> None:
    table = Table(
        model=[replace(FIGURES, key="big"), *(replace(FIGURES, key=key, people=2, questions=3) for key in ("a", "b"))]
    )
    table.cited = [SourceFigures("wiki", 9, 5, 5), SourceFigures("hr", 4, 2, 1), SourceFigures("law", 3, 1, 1)]
    report = desk(table).report(ADMIN, 7)
    assert [(row.figures.key, row.figures.questions) for row in report.models] == [("big", 10), ("", 6)]
    assert [(one.source, one.citations, one.answers) for one in report.sources] == [("wiki", 9, 5), ("", 7, 3)]


def test_the_whole_is_shown_without_the_number_of_people_where_they_are_few() -> None:
    table = Table(total=[replace(FIGURES, people=3)])
    assert desk(table).report(ADMIN, 7).total.figures == replace(FIGURES, people=0)
    assert desk(table, few=1).report(ADMIN, 7).total.figures.people == 3
    assert table.caught_up == 2
