"""Evaluations in the background: one at a time, to their end, and shown as far as rights go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.catalog import EvaluationRecord
from assistant.errors import (
    AccessDeniedError,
    ConfigurationError,
    EvaluationBusyError,
    ModelUnavailableError,
    NotFoundError,
)
from assistant.evaluation import AnswerCase
from assistant.evaluation.running import EvaluationDesk
from assistant.types import LOCAL_OPERATOR, Answer, Question, User
from tests.fakes.system import System

ADMIN = User("root", frozenset({"everyone"}), "admin")
HR_ADMIN = User("chief", frozenset({"everyone", "hr"}), "admin")
TRAVEL = AnswerCase("When are train tickets booked?", ("travel.txt",), ("21 days",))
SALARY = AnswerCase("What is K7 paid?", ("hr/salary.txt",), ("4,310",), reader=User("ann", frozenset({"hr"})))
CANTEEN = AnswerCase("Where is the canteen?", answerable=False)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {
        "travel.txt": "Train tickets are booked 21 days before.\n",
        "hr/salary.txt": "K7 is paid 4,310 euros.\n",
    }
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def ended(desk: EvaluationDesk, run: str) -> EvaluationRecord:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        (record,) = (one for one in desk.runs(LOCAL_OPERATOR) if one.id == run)
        if record.state != "running":
            return record
        time.sleep(0.01)
    raise AssertionError("the run does not end")


def with_ask(system: System, ask: Any) -> EvaluationDesk:
    return EvaluationDesk(system.catalog, system.library, system.question_desk, ask, lambda: {"version": "1"})


def test_a_run_measures_the_kept_questions_and_is_listed(system: System) -> None:
    system.question_desk.keep(HR_ADMIN, [TRAVEL, SALARY, CANTEEN])
    begun = system.evaluations.start(ADMIN, "chunks")
    assert (begun.state, begun.total, begun.started_by, begun.mode) == ("running", 3, "root", "chunks")
    record = ended(system.evaluations, begun.id)
    assert (record.state, record.done, record.error) == ("done", 3, "")
    assert record.scores["questions"] == 3
    assert record.scores["facts"] is not None
    assert record.used["models"] == "quotes"
    assert record.finished_at is not None
    assert system.evaluations.runs(ADMIN)[0].results == ()


def test_results_are_seen_by_who_may_read_what_they_repeat(system: System) -> None:
    system.question_desk.keep(HR_ADMIN, [TRAVEL, SALARY, CANTEEN])
    run = system.evaluations.start(ADMIN, "chunks").id
    ended(system.evaluations, run)

    def seen(user: User) -> dict[str, bool]:
        return {one.result.text: one.withheld for one in system.evaluations.run(user, run)[1]}

    assert seen(ADMIN)[SALARY.question]
    assert not seen(HR_ADMIN)[SALARY.question]
    assert not seen(ADMIN)[TRAVEL.question]
    text = str(system.evaluations.run(ADMIN, run))
    assert "21 days" in text
    assert "4,310" not in text
    assert "salary" not in text
    assert "4,310" in str(system.evaluations.run(HR_ADMIN, run))
    del system.source.texts["hr/salary.txt"]
    system.ingestor.sync("s", "cli")
    assert seen(HR_ADMIN)[SALARY.question]  # from the next request on
    assert not seen(LOCAL_OPERATOR)[SALARY.question]


def test_what_cannot_be_told_apart_is_withheld(system: System) -> None:
    facts_alone = AnswerCase("What is it?", facts=("4,310",))
    of_nothing = AnswerCase("Where?", ("gone.txt",))
    system.question_desk.keep(HR_ADMIN, [facts_alone, of_nothing])
    run = system.evaluations.start(HR_ADMIN, "chunks").id
    ended(system.evaluations, run)
    assert [one.withheld for one in system.evaluations.run(HR_ADMIN, run)[1]] == [True, True]
    assert [one.withheld for one in system.evaluations.run(LOCAL_OPERATOR, run)[1]] == [False, False]


def test_one_at_a_time_until_it_is_cancelled(system: System) -> None:
    system.question_desk.keep(ADMIN, [TRAVEL, CANTEEN])
    gate = threading.Event()

    def ask(question: Question, user: User) -> Answer:
        assert gate.wait(60)
        return system._asked(question, user)

    desk = with_ask(system, ask)
    run = desk.start(ADMIN, "chunks").id
    with pytest.raises(EvaluationBusyError):
        desk.start(ADMIN, "chunks")
    desk.cancel(ADMIN, run)
    gate.set()
    record = ended(desk, run)
    assert (record.state, record.done, dict(record.scores)) == ("cancelled", 1, {})
    ended(desk, desk.start(ADMIN, "chunks").id)
    desk.remove(ADMIN, run)
    with pytest.raises(NotFoundError):
        desk.run(ADMIN, run)
    with pytest.raises(NotFoundError):
        desk.cancel(ADMIN, run)


def test_what_goes_wrong_is_said_and_a_house_that_closes_ends_its_runs(system: System) -> None:
    system.question_desk.keep(ADMIN, [TRAVEL, CANTEEN])

    def fail(question: Question, user: User) -> Answer:
        raise ModelUnavailableError("the model does not answer")

    record = ended(failing := with_ask(system, fail), failing.start(ADMIN, "chunks").id)
    assert (record.state, "does not answer" in record.error) == ("failed", True)
    begun, gate = threading.Event(), threading.Event()

    def ask(question: Question, user: User) -> Answer:
        begun.set()
        assert gate.wait(60)
        return system._asked(question, user)

    desk = with_ask(system, ask)
    run = desk.start(ADMIN, "chunks").id
    assert begun.wait(60)
    closing = threading.Thread(target=desk.close)
    closing.start()
    assert desk._closing.wait(60)
    gate.set()
    closing.join(60)
    assert ended(desk, run).state == "interrupted"


def test_a_run_whose_process_is_gone_was_interrupted(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    table = system.catalog.evaluations
    first = table.begin("root", 3, "auto", {})
    monkeypatch.setattr("assistant.catalog.evaluations.SILENT_SECONDS", -1.0)
    assert table.newest(5)[0].state == "interrupted"
    table.begin("root", 3, "auto", {})
    assert table.get(first.id).finished_at is not None
    assert not table.progress(first.id, 2)


def test_only_admins_measure_and_only_what_is_kept(system: System) -> None:
    with pytest.raises(ConfigurationError, match="no questions are kept"):
        system.evaluations.start(ADMIN, "auto")
    for role in ("employee", "curator", "auditor"):
        user = User("x", frozenset(), role)  # type: ignore[arg-type]
        for action in (
            lambda user=user: system.evaluations.start(user, "auto"),
            lambda user=user: system.evaluations.runs(user),
            lambda user=user: system.evaluations.run(user, "r"),
            lambda user=user: system.evaluations.cancel(user, "r"),
            lambda user=user: system.evaluations.remove(user, "r"),
        ):
            with pytest.raises(AccessDeniedError):
                action()
