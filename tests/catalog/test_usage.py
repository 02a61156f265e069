"""What is counted of turns, on SQLite and Postgres."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from assistant.catalog import Catalog, Progress
from assistant.catalog.counting import DAY, facts_of, sources_of
from assistant.catalog.models import TurnRow
from assistant.catalog.models_measures import TurnFactRow, TurnSourceRow
from assistant.types import User
from tests.catalog.test_conversations import ANN, begin, finish

BOB = User("bob", frozenset({"everyone"}))


def answer(*cited: tuple[str, bool], found: bool = True, **change: Any) -> dict[str, Any]:
    return {
        "found": found,
        "model": "m",
        "fallback": False,
        "usage": {"prompt_tokens": 100, "completion_tokens": 10, "cached_tokens": 40},
        "timings": {"rewrite": 0.1, "search": 0.2, "plan": 0.3, "answer": 5.0, "first": 0.4},
        "citations": [{"document": {"source": source}, "verified": good} for source, good in cited],
        **change,
    }


def on_day(catalog: Catalog, turn: str, day: int, seconds: float = 2.0) -> None:
    with catalog.database.write() as session:
        times = {"created_at": day * DAY + 60.0, "finished_at": day * DAY + 60.0 + seconds}
        session.execute(update(TurnRow).where(TurnRow.id == turn).values(**times))


def asked(catalog: Catalog, user: User, day: int, seconds: float = 2.0, *, state: str = "complete", **row: Any) -> str:
    _, turn = begin(catalog, user=user)
    catalog.conversations.write([Progress(turn.id, state, "Now.", {"mode": "chunks"}, row)], 60)  # type: ignore[arg-type]
    on_day(catalog, turn.id, day, seconds)
    return turn.id


def test_turns_are_counted_by_day_mode_and_model(catalog: Catalog) -> None:
    asked(catalog, ANN, 10, 1.0, **answer(("a", True), ("a", False), ("b", True)))
    asked(catalog, ANN, 10, 3.0, **answer(model="n", found=False, usage={"prompt_tokens": 7, "completion_tokens": 3}))
    asked(catalog, BOB, 12, 9.0, **answer(("a", True), fallback=True))
    asked(catalog, BOB, 13, state="failed")
    _, waiting = begin(catalog)
    catalog.conversations.write([Progress(waiting.id, "waiting", "")], 60)
    begin(catalog)  # that is being answered
    table = catalog.usage
    assert table.catch_up() == 4
    assert table.catch_up() == 0
    found = table.survey(10, 13)
    (total,) = found["all"]
    assert (total.questions, total.people, total.not_found, total.failed, total.fallback) == (4, 2, 1, 1, 1)
    assert (total.prompt_tokens, total.completion_tokens) == (207, 23)
    assert (total.cached_tokens, total.cached_of) == (80, 200)  # the one without a word of its cache does not count
    assert (total.citations, total.verified) == (4, 3)
    assert total.first == (pytest.approx(1.0), pytest.approx(1.0))
    assert total.whole == (pytest.approx(2.0), pytest.approx(9.0))
    days = found["day"]
    assert [(one.key, one.questions, one.people) for one in days] == [("10", 2, 1), ("12", 1, 1), ("13", 1, 1)]
    assert days[0].whole == (pytest.approx(1.0), pytest.approx(3.0))
    assert [(one.key, one.questions) for one in found["model"]] == [("m", 2), ("", 1), ("n", 1)]
    assert [(one.key, one.questions) for one in table.survey(11, 11)["mode"]] == []
    assert [(s.source, s.citations, s.answers, s.people) for s in table.sources(10, 13)] == [
        ("a", 3, 2, 2),
        ("b", 1, 1, 1),
    ]
    assert table.survey(1, 2)["all"][0].questions == 0


def test_what_got_no_good_answer(catalog: Catalog) -> None:
    asked(catalog, ANN, 10, **answer(("a", True)))
    asked(catalog, ANN, 11, **answer(found=False))
    asked(catalog, ANN, 12, **answer(("a", False), ("a", False), ("a", True)))
    asked(catalog, BOB, 13, state="failed")
    asked(catalog, BOB, 13, state="stopped")
    catalog.usage.catch_up()
    assert catalog.usage.poor(10, 13) == {"not_found": 1, "failed": 1, "unverified": 1}
    found = catalog.usage.poor_turns(10, 13)
    assert [(one.day, one.why, one.question) for one in found] == [
        (13, "failed", "When?"),
        (12, "unverified", "When?"),
        (11, "not_found", "When?"),
    ]
    assert len(catalog.usage.poor_turns(10, 13, limit=2)) == 2


def test_a_turn_whose_process_is_gone_broke_off_and_what_is_forgotten_is_not_counted(catalog: Catalog) -> None:
    record, turn = begin(catalog, lease=-1)
    on_day(catalog, turn.id, 10)
    catalog.usage.catch_up()
    assert catalog.usage.survey(10, 10)["all"][0].failed == 1
    catalog.conversations.remove(ANN, record.id)
    with catalog.database.read() as session:
        assert session.scalars(select(TurnFactRow)).all() == []
        assert session.scalars(select(TurnSourceRow)).all() == []


def test_more_turns_than_are_counted_at_once(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.catalog.usage._AT_ONCE", 2)
    for _ in range(5):
        finish(catalog, begin(catalog)[1], answer=answer(("s", True)))
    assert catalog.usage.catch_up() == 5


def test_a_quoted_answer_is_there_when_it_is_made() -> None:
    row: dict[str, Any] = {"state": "complete", "plan": {}, "created_at": DAY * 3.5, "finished_at": None}
    quoted = {**row, "answer": answer(timings={"search": 1.0, "answer": 0.5})}
    facts = facts_of("t", "ann", quoted)
    assert (facts["first_seconds"], facts["seconds"], facts["day"], facts["mode"]) == (1.5, None, 3, "")
    assert facts_of("t", "ann", {**row, "answer": {}})["first_seconds"] is None
    assert sources_of("t", "ann", quoted) == []
