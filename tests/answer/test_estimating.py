"""What an answer would read is said without answering."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answer.estimating import estimate
from assistant.errors import ConfigurationError
from assistant.types import Access, Filters, Question, User, in_sources
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.system import System

ANN, BOB = User("ann", frozenset({"everyone", "hr"})), User("bob", frozenset({"everyone"}))


@pytest.fixture
def system(tmp_path: Path):
    system = System(tmp_path)
    system.source.texts = {"travel/trains.txt": "Tickets are booked 21 days ahead.\n", "salary.txt": "K7 is 4,310.\n"}
    system.source.access = {"travel/trains.txt": Access(frozenset({"group:everyone"}))}
    system.source.access["salary.txt"] = Access(frozenset({"group:hr"}))
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def test_the_plan_comes_without_an_answer_and_the_answer_is_stopped(system: System) -> None:
    answerer = ScriptedAnswerer(system.library, ("travel/trains.txt",))
    made = estimate(Question("When?"), ANN, answerer, system.library)
    assert made.plan is not None
    assert [one.passage.ref.key for one in made.plan.plan.passages] == ["travel/trains.txt"]
    assert answerer.closed == 1
    assert made.documents == 2


def test_only_what_may_be_read_and_fits_the_filters_counts(system: System) -> None:
    def within(user: User, filters: Filters) -> int:
        return estimate(Question(" ", filters=filters), user, system.answerer, system.library).documents

    assert within(BOB, Filters()) == 1
    assert within(ANN, in_sources(["s"])) == 2
    assert within(ANN, Filters(paths=("travel",))) == 1
    assert within(BOB, Filters(paths=("salary.txt",))) == 0


def test_without_a_question_nothing_is_searched(system: System) -> None:
    answerer = ScriptedAnswerer(system.library)
    assert estimate(Question("  "), ANN, answerer, system.library).plan is None
    assert answerer.asked == []


def test_tokens_are_those_of_the_catalog(system: System) -> None:
    made = estimate(Question("", filters=Filters(paths=("salary.txt",))), ANN, system.answerer, system.library)
    assert made.tokens == system.library.info("s", "salary.txt", ANN).tokens > 0


def test_what_an_answer_refuses_an_estimate_refuses(system: System) -> None:
    with pytest.raises(ConfigurationError, match="too small"):
        estimate(Question("When?", budget=0), ANN, system.answerer, system.library)
