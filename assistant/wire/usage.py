"""Figures of use as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, Field

from assistant.catalog.counting import DAY
from assistant.conversations.usage import UsageReport, UsageRow


class SecondsJson(BaseModel):
    """Median and 95th percentile, in seconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, found: tuple[float, float] | None) -> SecondsJson | None:
        """Return the JSON; None where nothing was measured."""
        return None if found is None else cls(p50=round(found[0], 3), p95=round(found[1], 3))


class UsageRowJson(BaseModel):
    """Figures of a day, a mode, a model, or of all."""

    key: str = Field(description="The day (`2026-01-31`, UTC), the mode or the model; empty: all, or those of few.")
    withheld: bool = Field(description="Too few people: only `questions` is told.")
    questions: int
    people: int
    not_found: int = Field(description="Answers that say that the documents do not hold it.")
    failed: int
    fallback: int = Field(description="Answers by another model than the one that was to answer.")
    first: SecondsJson | None = Field(description="Until the first words.")
    whole: SecondsJson | None = Field(description="Until the end of the answer.")
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cached_of: int = Field(description="Tokens read where the model server says how many it had in its cache.")
    citations: int
    verified: int

    @classmethod
    def of(cls, row: UsageRow, key: str | None = None) -> Self:
        """Return the JSON for a row."""
        one = row.figures
        return cls(
            key=one.key if key is None else key,
            withheld=row.withheld,
            questions=one.questions,
            people=one.people,
            not_found=one.not_found,
            failed=one.failed,
            fallback=one.fallback,
            first=SecondsJson.of(one.first),
            whole=SecondsJson.of(one.whole),
            prompt_tokens=one.prompt_tokens,
            completion_tokens=one.completion_tokens,
            cached_tokens=one.cached_tokens,
            cached_of=one.cached_of,
            citations=one.citations,
            verified=one.verified,
        )


class UsageSourceJson(BaseModel):
    """How often answers cite a source; an empty name: sources that answers for few people cite."""

    source: str
    citations: int
    answers: int


class UsageJson(BaseModel):
    """How much was asked in a period, and how it went."""

    since: str = Field(description="The first day, UTC.")
    until: str = Field(description="The last day, which is part of it.")
    few: int = Field(description="Figures of fewer people than these are withheld.")
    total: UsageRowJson
    days: list[UsageRowJson]
    modes: list[UsageRowJson]
    models: list[UsageRowJson]
    sources: list[UsageSourceJson]

    @classmethod
    def of(cls, report: UsageReport) -> Self:
        """Return the JSON for a report."""
        return cls(
            since=day_of(report.since),
            until=day_of(report.until),
            few=report.few,
            total=UsageRowJson.of(report.total),
            days=[UsageRowJson.of(row, day_of(int(row.figures.key))) for row in report.days],
            modes=_rows(report.modes),
            models=_rows(report.models),
            sources=[
                UsageSourceJson(source=one.source, citations=one.citations, answers=one.answers)
                for one in report.sources
            ],
        )


def day_of(day: int) -> str:
    """Return a day since the epoch as `2026-01-31`."""
    return datetime.fromtimestamp(day * DAY, UTC).strftime("%Y-%m-%d")


def _rows(rows: Sequence[UsageRow]) -> list[UsageRowJson]:
    return [UsageRowJson.of(row) for row in rows]
