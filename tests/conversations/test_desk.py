"""Asking, going on, asking again, stopping; and that all of it is one person's own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from assistant.conversations import ConversationDesk, Parts, desk
from assistant.errors import (
    CatalogUnavailableError,
    ConfigurationError,
    ConversationBusyError,
    ModelInterruptedError,
    ModelOverloadedError,
    ModelUnavailableError,
    NotFoundError,
)
from assistant.types import LOCAL_OPERATOR, Filters, Question
from tests.conversations.conftest import ANN, BOB, Office
from tests.fakes.answering import StoppableAnswerer

TICKETS = "Tickets are booked 21 days before the trip."


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_question_is_answered_and_kept(office: Office) -> None:
    conversation, turn = office.begin("  When do I book?\x00 ")
    assert turn.record.question == "When do I book?\ufffd"
    assert (turn.record.state, turn.record.text) == ("complete", f"{TICKETS} [1]")
    (cited,) = turn.citations
    assert cited.citation is not None
    assert (cited.citation.quote, cited.citation.passage.start, cited.withdrawn) == (TICKETS, 0, None)
    assert cited.citation.passage.ref.version == office.system.library.info("s", "travel.txt", ANN).ref.version
    assert turn.plan is not None
    assert (turn.plan.mode, turn.plan.passages[0].passage.ref.key, turn.hidden) == ("chunks", "travel.txt", 0)
    assert turn.record.answer["model"] == "script"
    assert turn.record.answer["usage"]["completion_tokens"] == 7
    again = office.desk.get(ANN, conversation)
    assert again.turns == (turn,)
    assert again.record.title == "When do I book?\ufffd"


def test_a_follow_up_is_told_of_the_turns_before_it(office: Office) -> None:
    conversation, first = office.begin()
    second = office.go_on(conversation, "And hotels?")
    assert [(one.role, one.content) for one in office.answerer.asked[1].history] == [
        ("user", "When?"),
        ("assistant", f"{TICKETS} [1]"),
    ]
    assert second.record.parent == first.record.id
    told = second.record.context["history"]
    assert (told["turns"], told["left_out"], told["shortened"]) == (1, 0, False)
    assert 0 < told["tokens"] <= told["budget"] == 4000


def test_asking_again_and_otherwise_keeps_the_versions(office: Office) -> None:
    conversation, first = office.begin()
    second = office.go_on(conversation, "And hotels?")
    asked = Question("Why?", "corpus", 99, Filters(sources=("s",), paths=("a",)), "scout")
    edited = office.answered(conversation, office.desk.edit(ANN, conversation, second.record.id, asked).id)
    again = office.answered(conversation, office.desk.regenerate(ANN, conversation, edited.record.id).id)
    assert (edited.record.origin, again.record.origin) == ("edited", "regenerated")
    assert again.versions == (second.record.id, edited.record.id, again.record.id)
    last = office.answerer.asked[-1]
    assert (last.text, last.mode, last.budget, last.filters) == ("Why?", "corpus", 99, asked.filters)
    assert last.model == "scout"
    assert [one.content for one in last.history] == ["When?", f"{TICKETS} [1]"]
    other = office.desk.regenerate(ANN, conversation, again.record.id, mode="documents", budget=7, model="")
    office.answered(conversation, other.id)
    last = office.answerer.asked[-1]
    assert (last.mode, last.budget, last.model) == ("documents", 7, "")
    assert [one.record.id for one in office.desk.get(ANN, conversation).turns] == [first.record.id, other.id]
    third = office.go_on(conversation, "Third?", after=second.record.id)
    office.desk.show(ANN, conversation, second.record.id)
    shown = office.desk.get(ANN, conversation).turns
    assert [one.record.id for one in shown] == [first.record.id, second.record.id, third.record.id]
    assert len(office.desk.get(ANN, conversation, whole=True).turns) == 6


def test_another_question_reads_no_more_documents_than_the_former_one(office: Office) -> None:
    info = office.system.library.info("s", "travel.txt", ANN)
    record, turn = office.desk.begin(ANN, Question("When?", budget=99, filters=Filters(documents=(info.ref.id,))))
    office.answered(record.id, turn.id)
    for keep, budget in ((True, 99), (False, None)):
        edited = office.desk.edit(ANN, record.id, turn.id, Question("Why?"), keep_budget=keep)
        office.answered(record.id, edited.id)
        last = office.answerer.asked[-1]
        assert (last.text, last.budget, last.filters.documents) == ("Why?", budget, (info.ref.id,))


def test_what_was_written_before_a_stop_is_kept(office: Office) -> None:
    office.answerer.gate.clear()
    office.answerer.tail = "never said"
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    until(lambda: "before the trip" in live.progress().text)
    with pytest.raises(ConversationBusyError):
        office.desk.go_on(ANN, record.id, Question("And?"))
    with pytest.raises(NotFoundError):
        office.desk.stop(BOB, record.id, turn.id)
    office.desk.stop(ANN, record.id, turn.id)
    stopped = office.desk.turn(ANN, record.id, turn.id)
    assert (stopped.record.state, stopped.record.text) == ("stopped", f"{TICKETS} [1]")
    assert office.desk.live(ANN, record.id, turn.id) is None
    office.answerer.gate.set()
    until(lambda: office.answerer.closed == 1)  # the answerer was closed, so that a model writes no further
    office.desk.stop(ANN, record.id, turn.id)
    assert office.desk.turn(ANN, record.id, turn.id) == stopped
    assert office.go_on(record.id, "And?").record.state == "complete"


def test_an_answerer_that_can_be_stopped_says_what_the_text_so_far_rests_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    answerer = StoppableAnswerer(office.system.library)
    answerer.gate.clear()
    office.system.answerer = answerer
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    until(lambda: "before the trip" in live.progress().text)
    monkeypatch.setattr(desk, "STOP_SECONDS", 60.0)
    office.desk.stop(ANN, record.id, turn.id)
    stopped = office.desk.turn(ANN, record.id, turn.id)
    assert (stopped.record.state, stopped.record.text) == ("stopped", f"{TICKETS} [1]")
    assert [one.number for one in stopped.citations] == [1]
    assert stopped.record.answer["found"] is True


def test_a_stop_that_another_process_is_asked_for_reaches_the_one_that_writes(office: Office) -> None:
    office.answerer.gate.clear()
    record, turn = office.desk.begin(ANN, Question("When?"))
    elsewhere = ConversationDesk(Parts(**{name: getattr(office.desk._parts, name) for name in Parts.__slots__}))
    assert elsewhere.live(ANN, record.id, turn.id) is None
    elsewhere.stop(ANN, record.id, turn.id)
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is None or live.stored.wait(60)
    assert office.desk.turn(ANN, record.id, turn.id).record.state == "stopped"


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (ModelInterruptedError("it broke", "again", text="Tickets"), "interrupted", "ModelInterruptedError"),
        (ModelUnavailableError("it is away", "start it"), "interrupted", "ModelUnavailableError"),
        (ZeroDivisionError("secret"), "failed", "AssistantError"),
    ],
)
def test_an_answer_that_breaks_off_keeps_what_came(office: Office, error: Exception, state: str, code: str) -> None:
    office.answerer.error = error
    _, turn = office.begin()
    assert (turn.record.state, turn.record.text, turn.record.error["code"]) == (state, f"{TICKETS} [1]", code)
    assert "secret" not in str(turn.record)


def test_an_answer_that_never_began_has_failed(office: Office) -> None:
    office.answerer.keys = ("none.txt",)
    _, turn = office.begin()
    assert (turn.record.state, turn.record.text, turn.record.error["code"]) == ("failed", "", "NotFoundError")


def test_a_conversation_is_its_persons_alone(office: Office) -> None:
    conversation, turn = office.begin()
    for user in (BOB, LOCAL_OPERATOR):
        assert office.desk.page(user) == ([], 0)
        for refused in (
            lambda user=user: office.desk.get(user, conversation),
            lambda user=user: office.desk.turn(user, conversation, turn.record.id),
            lambda user=user: office.desk.live(user, conversation, turn.record.id),
            lambda user=user: office.desk.go_on(user, conversation, Question("x")),
            lambda user=user: office.desk.regenerate(user, conversation, turn.record.id),
            lambda user=user: office.desk.edit(user, conversation, turn.record.id, Question("x")),
            lambda user=user: office.desk.show(user, conversation, turn.record.id),
            lambda user=user: office.desk.rename(user, conversation, "x"),
            lambda user=user: office.desk.delete(user, conversation),
            lambda user=user: office.desk.delete(user, conversation, for_good=True),
            lambda user=user: office.desk.restore(user, conversation),
        ):
            with pytest.raises(NotFoundError, match="you have no conversation"):
                refused()
    mine, _ = office.begin(user=BOB)
    with pytest.raises(NotFoundError, match="no turn"):
        office.desk.turn(BOB, mine, turn.record.id)
    assert len(office.answerer.asked) == 2


def test_names_deletion_and_wrong_questions(office: Office) -> None:
    conversation, _ = office.begin()
    office.desk.rename(ANN, conversation, "  Trips \n")
    assert office.desk.page(ANN, "trips")[0][0].title == "Trips"
    with pytest.raises(ConfigurationError, match="title"):
        office.desk.rename(ANN, conversation, " \n")
    with pytest.raises(ConfigurationError, match="question"):
        office.desk.begin(ANN, Question(" \n"))
    office.desk.delete(ANN, conversation)
    assert office.desk.page(ANN) == ([], 0)
    office.desk.restore(ANN, conversation)
    office.desk.delete(ANN, conversation, for_good=True)
    with pytest.raises(NotFoundError):
        office.desk.restore(ANN, conversation)


def test_deleting_a_conversation_stops_what_is_answered_in_it(office: Office) -> None:
    office.answerer.gate.clear()
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    office.desk.delete(ANN, record.id)
    assert live.stored.wait(60)
    office.desk.restore(ANN, record.id)
    assert office.desk.turn(ANN, record.id, turn.id).record.state == "stopped"


def test_so_many_answers_are_written_at_once(office: Office) -> None:
    office.answerer.gate.clear()
    desk = ConversationDesk(office.desk._parts, most_answers=2)
    started = [desk.begin(ANN, Question(f"{number}?")) for number in range(2)]
    with pytest.raises(ModelOverloadedError, match="2 answers"):
        desk.begin(ANN, Question("one more?"))
    office.answerer.gate.set()
    until(lambda: desk.turn(ANN, started[0][0].id, started[0][1].id).record.state == "complete")
    until(lambda: desk._keeper.count() == 0)
    desk.begin(ANN, Question("one more?"))
    desk.close()


def test_the_end_of_the_process_interrupts_and_keeps(office: Office) -> None:
    office.answerer.gate.clear()
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    until(lambda: bool(live.progress().text))
    office.desk.close()
    kept = office.desk.turn(ANN, record.id, turn.id).record
    assert (kept.state, kept.text) == ("interrupted", f"{TICKETS} [1]")


def test_a_catalog_that_is_away_for_a_moment_loses_no_answer(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    table = office.system.catalog.conversations
    write, away = table.write, threading.Event()
    away.set()

    def failing(*arguments: object) -> set[str]:
        if away.is_set():
            raise CatalogUnavailableError("the catalog does not answer")
        return write(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "write", failing)
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    assert live.ended.wait(60)
    with caplog.at_level(logging.WARNING):
        until(lambda: "stored yet" in caplog.text)
    assert not live.stored.is_set()
    away.clear()
    assert live.stored.wait(60)
    assert office.desk.turn(ANN, record.id, turn.id).record.state == "complete"


def test_events_are_told_to_whoever_watches(office: Office) -> None:
    seen: list[str] = []
    office.desk.watch(lambda event: seen.append(type(event).__name__))
    office.begin()
    assert seen == ["PlanReady", "TextDelta", "CitationsReady", "AnswerDone"]
