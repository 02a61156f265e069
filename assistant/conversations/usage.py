"""How much the assistant is used, for admins and auditors: figures without names, and none on a handful of people.

A day, a mode, a model or a source with fewer than `FEW` people shows how much was asked and nothing else, as more
would be the figures of somebody; modes, models and sources of so few are put together. Figures of the whole period say
how the assistant does, and are shown whatever the number of people, which is not said where it is that small.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.catalog import Figures, SourceFigures, UsageTable
from assistant.catalog.usage import today
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.types import User

FEW = 5  # people: figures of fewer are nobody's business
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class UsageRow:
    """Figures of a day, a mode or a model; where `withheld`, of few people, only `figures.questions` is right."""

    figures: Figures
    withheld: bool


@dataclass(frozen=True, slots=True)
class SourceRow:
    """How often a source is cited; an empty name stands for those that few people's answers cite."""

    source: str
    citations: int
    answers: int


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What was asked in a period.

    Attributes:
        since, until: its first and last day, since the epoch, UTC.
        few: fewer people than these are not told apart.
        total: of all; `people` is 0 where there are fewer than `few`, but some.
        days: one a day, also of those without a question.
        modes, models: the most used first.
        sources: the most cited first.
    """

    since: int
    until: int
    few: int
    total: UsageRow
    days: Sequence[UsageRow]
    modes: Sequence[UsageRow]
    models: Sequence[UsageRow]
    sources: Sequence[SourceRow]


class UsageDesk:
    """Counts for admins and auditors.

    Args:
        table: holds what is counted.
        few: figures of fewer people are withheld; 1: of nobody, as where only one person is.
    """

    def __init__(self, table: UsageTable, few: int = FEW) -> None:
        self._table = table
        self._few = few

    def report(self, user: User, days: int) -> UsageReport:
        """Return the figures of the last `days` days, today included.

        Raises:
            AccessDeniedError: the user is neither admin nor auditor.
            ConfigurationError: `days` is out of range.
        """
        if not (user.manages or user.role == "auditor"):
            raise AccessDeniedError("only admins and auditors see how much is asked", "ask an admin")
        if not 1 <= days <= MOST_DAYS:
            raise ConfigurationError(f"days: {days} is not between 1 and {MOST_DAYS}", "choose a shorter period")
        self._table.catch_up()
        until = today()
        since = until - days + 1
        found = self._table.survey(since, until)
        (total,) = found["all"]
        known = {int(one.key): one for one in found["day"]}
        each = [known.get(day) or _nothing(str(day)) for day in range(since, until + 1)]
        return UsageReport(
            since=since,
            until=until,
            few=self._few,
            total=UsageRow(replace(total, people=0) if self._is_few(total.people) else total, withheld=False),
            days=[self._row(one) for one in each],
            modes=self._parted(found["mode"]),
            models=self._parted(found["model"]),
            sources=self._cited(self._table.sources(since, until)),
        )

    def _is_few(self, people: int) -> bool:
        return 0 < people < self._few

    def _row(self, figures: Figures) -> UsageRow:
        if not self._is_few(figures.people):
            return UsageRow(figures, withheld=False)
        return UsageRow(replace(_nothing(figures.key), questions=figures.questions), withheld=True)

    def _parted(self, found: Iterable[Figures]) -> list[UsageRow]:
        rows = [self._row(one) for one in found]
        shown = [row for row in rows if not row.withheld]
        rest = sum(row.figures.questions for row in rows if row.withheld)
        return [*shown, UsageRow(replace(_nothing(""), questions=rest), withheld=True)] if rest else shown

    def _cited(self, found: Iterable[SourceFigures]) -> list[SourceRow]:
        shown, rest = [], SourceRow("", 0, 0)
        for one in found:
            if self._is_few(one.people):
                rest = SourceRow("", rest.citations + one.citations, rest.answers + one.answers)
            else:
                shown.append(SourceRow(one.source, one.citations, one.answers))
        return [*shown, rest] if rest.citations else shown


def _nothing(key: str) -> Figures:
    return Figures(key, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
