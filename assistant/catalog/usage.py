"""The catalog's figures of use: counted in SQL from facts of turns, which hold no word of what was said."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Float, RowMapping, Select, and_, case, cast, func, insert, or_, select

from assistant.catalog.counting import DAY, facts_of, sources_of
from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.catalog.models_measures import TurnFactRow, TurnSourceRow

By = Literal["all", "day", "mode", "model"]
Poor = Literal["not_found", "failed", "unverified"]
POOR: tuple[Poor, ...] = ("not_found", "failed", "unverified")

_AT_ONCE = 500
_NUMBERS = (
    *("questions", "not_found", "failed", "fallback", "prompt_tokens", "completion_tokens", "cached_tokens"),
    *("cached_of", "citations", "verified"),
)
_UNVERIFIED = 0.5  # of an answer's citations: with fewer that are verified, it counts as poor


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted of the turns of one day, mode, model, or of all.

    Attributes:
        key: the day (since the epoch, UTC), the mode or the model, as text; empty for all.
        questions, people: how many, and of how many people.
        not_found: answers that say that the documents do not hold it.
        failed: turns that ended with an error, or broke off.
        fallback: answers by another model than the one that was to answer.
        first, whole: seconds until the first words and until the end: median and 95th percentile; None: none known.
        prompt_tokens, completion_tokens: read and written.
        cached_tokens, cached_of: tokens from the model server's cache, of how many where it says so.
        citations, verified: how many, and how many of them were verified.
    """

    key: str
    questions: int
    people: int
    not_found: int
    failed: int
    fallback: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cached_of: int
    citations: int
    verified: int
    first: tuple[float, float] | None = None
    whole: tuple[float, float] | None = None


@dataclass(slots=True)
class _Group:
    """What is known of turns that have something in common."""

    numbers: dict[str, int]
    people: set[str] = field(default_factory=set)
    first: array[float] = field(default_factory=lambda: array("d"))
    whole: array[float] = field(default_factory=lambda: array("d"))


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """How often answers cite a source: citations, answers and people who asked."""

    source: str
    citations: int
    answers: int
    people: int


@dataclass(frozen=True, slots=True)
class PoorTurn:
    """A question that got no good answer, without who asked it: the words as they were typed, the day and why."""

    question: str
    day: int
    why: Poor
    mode: str


class UsageTable:
    """Reads and fills the tables of facts. It checks no rights: `conversations.usage` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def catch_up(self) -> int:
        """Count the turns that have ended since, and return how many those are."""
        counted = 0
        while number := self._count_some():
            counted += number
        return counted

    def survey(self, since: int, until: int) -> Mapping[By, list[Figures]]:
        """Return the figures of the days `since` to `until` (both are part of it): of all in one row, and one a key.

        Days come in their order, modes and models by the number of questions.
        """
        within = TurnFactRow.day.between(since, until)
        groups: dict[tuple[int, str, str], _Group] = {}
        with self._database.connect() as connection:
            for row in connection.execute(_sums().where(within)).mappings():
                numbers = {name: int(row[name]) for name in _NUMBERS}
                groups[row["day"], row["mode"], row["model"]] = _Group(numbers)
            # SQLite has no percentiles, and its windows take longer than sorting here
            for day, mode, model, person, first, whole in connection.execute(_each().where(within)):
                group = groups.get((day, mode, model))
                if group is None:  # it was counted between the two queries
                    continue
                group.people.add(person)
                if first is not None:
                    group.first.append(first)
                if whole is not None:
                    group.whole.append(whole)
        keyed = [((str(day), mode, model), group) for (day, mode, model), group in groups.items()]
        by_day = _together((names[0], group) for names, group in keyed)
        parted = [_together((names[place], group) for names, group in keyed) for place in (1, 2)]
        modes, models = (sorted(rows, key=lambda one: (-one.questions, one.key)) for rows in parted)
        total = _together([("", _Group(dict.fromkeys(_NUMBERS, 0))), *(("", group) for _, group in keyed)])
        return {"all": total, "day": sorted(by_day, key=lambda one: int(one.key)), "mode": modes, "model": models}

    def sources(self, since: int, until: int, limit: int = 20) -> list[SourceFigures]:
        """Return the sources that are cited most in these days."""
        row = TurnSourceRow
        cited = _sum(row.citations)
        query = select(row.source, cited, func.count(), func.count(func.distinct(row.person)))
        query = query.where(row.day.between(since, until)).group_by(row.source)
        with self._database.read() as session:
            rows = session.execute(query.order_by(cited.desc(), row.source).limit(limit)).all()
        return [SourceFigures(source, int(citations), answers, people) for source, citations, answers, people in rows]

    def poor(self, since: int, until: int) -> Mapping[Poor, int]:
        """Return how many turns of these days got no good answer, by the reason."""
        query = select(*(_count(_is_poor(why)) for why in POOR)).where(TurnFactRow.day.between(since, until))
        with self._database.read() as session:
            return dict(zip(POOR, map(int, session.execute(query).one()), strict=True))

    def poor_turns(self, since: int, until: int, limit: int = 200) -> list[PoorTurn]:
        """Return the newest turns of these days that got no good answer, with what was asked."""
        fact = TurnFactRow
        why = case(*((_is_poor(one), one) for one in POOR), else_="")
        query = select(TurnRow.question, fact.day, why, fact.mode).join(TurnRow, TurnRow.id == fact.turn_id)
        query = query.where(fact.day.between(since, until), or_(*map(_is_poor, POOR)))
        with self._database.read() as session:
            rows = session.execute(query.order_by(fact.day.desc(), TurnRow.created_at.desc()).limit(limit)).all()
        return [PoorTurn(*row) for row in rows]

    def _count_some(self) -> int:
        known = select(TurnFactRow.turn_id).where(TurnFactRow.turn_id == TurnRow.id).exists()
        at_work = and_(TurnRow.state == "answering", TurnRow.lease_until > time.time())
        wanted = select(TurnRow.id).where(~known, TurnRow.state != "waiting", ~at_work).limit(_AT_ONCE)
        with self._database.read() as session:
            missing = list(session.scalars(wanted))
        if not missing:
            return 0
        with self._database.write() as session:
            rows = session.execute(_turns(missing)).mappings().all()
            facts = [facts_of(row["id"], row["user"], _as_it_ended(row)) for row in rows]
            known_now = set(session.scalars(select(TurnFactRow.turn_id).where(TurnFactRow.turn_id.in_(missing))))
            if new := [one for one in facts if one["turn_id"] not in known_now]:
                session.execute(insert(TurnFactRow), new)
            cited = [
                one for row in rows if row["id"] not in known_now for one in sources_of(row["id"], row["user"], row)
            ]
            if cited:
                session.execute(insert(TurnSourceRow), cited)
        return len(missing)


def today() -> int:
    """Return this day since the epoch, UTC."""
    return int(time.time() // DAY)


def _turns(ids: list[str]) -> Select[Any]:
    columns = (TurnRow.id, TurnRow.state, TurnRow.plan, TurnRow.answer, TurnRow.created_at, TurnRow.finished_at)
    query = select(*columns, ConversationRow.user).join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
    return query.where(TurnRow.id.in_(ids)).with_for_update(of=TurnRow)


def _as_it_ended(row: RowMapping) -> dict[str, Any]:
    """Return a turn's row; one whose process is gone broke off."""
    return {**row, "state": "interrupted" if row["state"] == "answering" else row["state"]}


def _is_poor(why: Poor) -> Any:
    fact = TurnFactRow
    if why == "not_found":
        return and_(fact.state == "complete", fact.found.is_(False))
    if why == "failed":
        return fact.state.in_(("failed", "interrupted"))
    least = cast(fact.citations, Float) * _UNVERIFIED
    return and_(fact.state == "complete", fact.found.is_(True), fact.citations > 0, fact.verified < least)


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _sum(column: Any) -> Any:
    return func.coalesce(func.sum(column), 0)


def _sums() -> Select[Any]:
    """Return the query for what can be added up, by day, mode and model."""
    fact = TurnFactRow
    says = fact.cached_tokens.is_not(None)
    parts = (fact.day, fact.mode, fact.model)
    return select(
        *parts,
        func.count().label("questions"),
        _count(and_(fact.found.is_(False), fact.state == "complete")).label("not_found"),
        _count(fact.state.in_(("failed", "interrupted"))).label("failed"),
        _count(fact.fallback.is_(True)).label("fallback"),
        _sum(fact.prompt_tokens).label("prompt_tokens"),
        _sum(fact.completion_tokens).label("completion_tokens"),
        _sum(fact.cached_tokens).label("cached_tokens"),
        _sum(case((says, fact.prompt_tokens), else_=0)).label("cached_of"),
        _sum(fact.citations).label("citations"),
        _sum(fact.verified).label("verified"),
    ).group_by(*parts)


def _each() -> Any:
    """Return the query for what cannot: who asked, and how long it took."""
    fact = TurnFactRow
    return select(fact.day, fact.mode, fact.model, fact.person, fact.first_seconds, fact.seconds)


def _together(parts: Iterable[tuple[str, _Group]]) -> list[Figures]:
    """Return one row of figures a key, of all the groups that have it."""
    whole: dict[str, _Group] = {}
    for key, group in parts:
        held = whole.setdefault(key, _Group(dict.fromkeys(_NUMBERS, 0)))
        for name, number in group.numbers.items():
            held.numbers[name] += number
        held.people |= group.people
        held.first.extend(group.first)
        held.whole.extend(group.whole)
    return [
        Figures(
            key, people=len(one.people), first=_percentiles(one.first), whole=_percentiles(one.whole), **one.numbers
        )
        for key, one in whole.items()
    ]


def _percentiles(values: array[float]) -> tuple[float, float] | None:
    """Return median and 95th percentile, by nearest rank; None of nothing."""
    if not values:
        return None
    ordered, number = sorted(values), len(values)
    return ordered[-(-number * 50 // 100) - 1], ordered[-(-number * 95 // 100) - 1]
