"""Conversations that a language model answers, behind a real server: stopped, broken off, and without the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from assistant.answer import Answerer, WrittenAnswerer
from assistant.app.models import make_herd
from assistant.conversations import desk
from assistant.settings import load_settings
from assistant.types import Question
from tests.conversations.conftest import ANN, Office
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

QUESTION = "When are tickets booked?"
SAID = "Tickets are booked 21 days before the trip [1]."


@pytest.fixture
def server(office: Office) -> Iterator[ModelServer]:
    """The model's server; the office's answers are written by the model."""
    with ModelServer() as server, ExitStack() as closing:
        system = office.system
        herd = make_herd(load_settings(home=system.folder, model_url=server.url, model_tries=1), closing.callback)
        quoting = Answerer(system.retriever, system.library, system.embedder)
        system.answerer = WrittenAnswerer(
            quoting, system.retriever, system.library, herd, system.catalog.token_counts, b"k" * 32
        )
        yield server


def until(met: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_stop_ends_the_models_work_and_keeps_text_and_citations(
    office: Office, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "STOP_SECONDS", 60.0)
    server.script = Script(otherwise=Reply(f"{SAID} " + "More words. " * 500, piece_seconds=0.05))
    record, turn = office.desk.begin(ANN, Question(QUESTION))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    until(lambda: "More words" in live.progress().text)
    office.desk.stop(ANN, record.id, turn.id)
    until(lambda: server.at_work == 0)
    assert server.chats[-1].left
    stopped = office.desk.turn(ANN, record.id, turn.id)
    assert stopped.record.state == "stopped"
    assert stopped.record.text.startswith(SAID)
    assert [one.number for one in stopped.citations] == [1]


def test_an_answer_that_the_server_cuts_off_is_interrupted(office: Office, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(f"{SAID} And more", cut_after=11))
    _, turn = office.begin(QUESTION)
    assert turn.record.state == "interrupted"
    assert turn.record.text.startswith("Tickets are booked 21 days")
    assert turn.record.answer["notes"]


def test_that_no_model_answered_is_kept(office: Office, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(status=500, message="broken"))
    conversation, turn = office.begin(QUESTION)
    assert (turn.record.state, turn.record.answer["fallback"]) == ("complete", True)
    assert "broken" in turn.record.answer["notes"][0]
    assert office.desk.get(ANN, conversation).turns[0].record.text.startswith("Tickets are booked")


def test_a_follow_up_is_told_the_conversation_and_its_model(office: Office, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(SAID))
    conversation, first = office.begin(QUESTION)
    assert first.record.answer["model"] == "default"
    assert first.record.answer["why"].startswith("default: ")
    office.go_on(conversation, "And for hotels?")
    assert QUESTION in server.asked[-1].prompt
    assert SAID in server.asked[-1].prompt
