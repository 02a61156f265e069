"""The catalog's figures of use: counted in SQL from facts of turns, which hold no word of what was said."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Float, Integer, RowMapping, Select, and_, case, cast, func, insert, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from assistant.catalog.counting import DAY, facts_of, sources_of
from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.catalog.models_measures import TurnFactRow, TurnSourceRow

By = Literal["day", "mode", "model"]
Poor = Literal["not_found", "failed", "unverified"]
POOR: tuple[Poor, ...] = ("not_found", "failed", "unverified")

_AT_ONCE = 500
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

    def figures(self, since: int, until: int, by: By | None = None) -> list[Figures]:
        """Return the figures of the days `since` to `until` (both are part of it), in one row or in one a key."""
        fact = TurnFactRow
        key: Any = literal("") if by is None else getattr(fact, by)
        within = fact.day.between(since, until)
        cited = fact.cached_tokens.is_not(None)
        query = select(
            key.label("key"),
            func.count().label("questions"),
            func.count(func.distinct(fact.person)).label("people"),
            _count(and_(fact.found.is_(False), fact.state == "complete")).label("not_found"),
            _count(fact.state.in_(("failed", "interrupted"))).label("failed"),
            _count(fact.fallback.is_(True)).label("fallback"),
            _sum(fact.prompt_tokens).label("prompt_tokens"),
            _sum(fact.completion_tokens).label("completion_tokens"),
            _sum(fact.cached_tokens).label("cached_tokens"),
            _sum(case((cited, fact.prompt_tokens), else_=0)).label("cached_of"),
            _sum(fact.citations).label("citations"),
            _sum(fact.verified).label("verified"),
        ).where(within)
        query = query.group_by(getattr(fact, by)) if by else query
        with self._database.read() as session:
            rows = session.execute(query).mappings().all()
            first = _percentiles(session, fact.first_seconds, by, within)
            whole = _percentiles(session, fact.seconds, by, within)
        found = [
            Figures(
                **{name: int(value) for name, value in row.items() if name != "key"},
                key=str(row["key"]),
                first=first.get(str(row["key"])),
                whole=whole.get(str(row["key"])),
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: (int(one.key) if by == "day" else -one.questions, one.key))

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


def _percentiles(
    session: Session, measure: InstrumentedAttribute[float | None], by: By | None, within: Any
) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile (nearest rank) by key; SQLite has no function for it."""
    key: Any = literal("") if by is None else getattr(TurnFactRow, by)
    parted: Any = None if by is None else getattr(TurnFactRow, by)
    placed = select(
        key.label("key"),
        measure.label("value"),
        func.row_number().over(partition_by=parted, order_by=measure).label("place"),
        func.count().over(partition_by=parted).label("number"),
    )
    table = placed.where(within, measure.is_not(None)).subquery()
    ranks = [
        func.min(case((table.c.place * 100 >= cast(table.c.number, Integer) * rank, table.c.value)))
        for rank in (50, 95)
    ]
    rows = session.execute(select(table.c.key, *ranks).group_by(table.c.key)).all()
    return {str(name): (float(half), float(most)) for name, half, most in rows}
