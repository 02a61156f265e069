"""Questions that got no good answer: who sees them, and what of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import NewTurn, Progress
from assistant.errors import AccessDeniedError
from assistant.evaluation.unanswered import UnansweredDesk
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System

ADMIN = User("root", frozenset({"everyone"}), "admin")
ANN = User("ann", frozenset({"everyone"}))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


def asked(system: System, question: str, *, found: bool = False) -> None:
    table = system.catalog.conversations
    _, turn = table.begin(ANN, None, NewTurn(None, "asked", question, {}, {}), 60, question)
    table.write([Progress(turn.id, "complete", "No.", {}, {"found": found, "question": "made of K7's pay"})], 60)


def test_the_words_are_shown_only_where_the_house_wants_that(system: System) -> None:
    asked(system, "Is parental leave paid?")
    asked(system, "When?", found=True)
    hidden = UnansweredDesk(system.catalog.usage, shows=False).found(ADMIN, 30)
    assert hidden.counts == {"not_found": 1, "failed": 0, "unverified": 0}
    assert (hidden.shown, hidden.questions, hidden.topics) == (False, (), ())
    shown = UnansweredDesk(system.catalog.usage, shows=True).found(ADMIN, 30)
    assert [one.question for one in shown.questions] == ["Is parental leave paid?"]
    assert "K7" not in str(shown)
    assert "ann" not in str(shown)


def test_a_question_is_there_once_and_has_its_topic(system: System) -> None:
    for question in ("Is parental leave paid?", "Is  parental leave paid?", "Who gets parental leave?"):
        asked(system, question)
    found = UnansweredDesk(system.catalog.usage, shows=True).found(LOCAL_OPERATOR, 1)
    assert (found.counts["not_found"], len(found.questions)) == (3, 2)
    assert found.topics[0].members == (0, 1)


def test_others_see_nothing(system: System) -> None:
    for role in ("employee", "curator", "auditor"):
        with pytest.raises(AccessDeniedError):
            system.unanswered.found(User("x", frozenset(), role), 30)  # type: ignore[arg-type]
