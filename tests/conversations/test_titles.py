"""Titles from a question, and from a model for quick tasks behind a real server."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from assistant.app.models import make_herd
from assistant.conversations.titles import LONGEST, model_title, title_of
from assistant.herd import Herd
from assistant.settings import load_settings
from tests.conversations.conftest import ANN, Office
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

HerdOf = Callable[[ModelServer, list[str]], Herd]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("When do\n I  book?", "When do I book?"),
        ("x" * 200, "x" * (LONGEST - 1) + "\u2026"),
        ("How many days before a trip do I have to book train tickets, and where?",
         "How many days before a trip do I have to book train\u2026"),
    ],
)  # fmt: skip
def test_a_question_becomes_a_title(question: str, title: str) -> None:
    assert title_of(question) == title
    assert len(title_of(question)) <= LONGEST


@pytest.fixture
def herd_of() -> Iterator[HerdOf]:
    """Makes a herd of two models on a server: one that answers, one with other roles."""
    with ExitStack() as closing:

        def make(server: ModelServer, roles: list[str]) -> Herd:
            models = {"answers": {"url": server.url, "model": server.model, "roles": ["answer"]}}
            models["other"] = {"url": server.url, "model": server.model, "roles": roles}
            return make_herd(load_settings(models=models), closing.callback)

        yield make


def test_a_quick_model_names_a_conversation_after_its_question_alone(office: Office, herd_of: HerdOf) -> None:
    with ModelServer(Script(otherwise=Reply('Title: "Booking tickets."\nMore.'))) as server:
        office.system.herd = herd_of(server, ["fast"])
        conversation, _ = office.begin("When do I have to book the tickets?")
        deadline = time.monotonic() + 60
        while office.desk.get(ANN, conversation).record.titled_by == "question":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert office.desk.get(ANN, conversation).record.title == "Booking tickets"
        assert "21 days" not in server.asked[-1].prompt
        office.go_on(conversation, "And hotels?")
        assert len(server.asked) == 1


def test_no_model_for_quick_tasks_no_request(herd_of: HerdOf) -> None:
    with ModelServer(Script(otherwise=Reply("Never"))) as server:
        assert model_title("When?", ANN, herd_of(server, ["long"])) is None
        assert not server.asked
    assert model_title("When?", ANN, Herd([])) is None


def test_a_model_that_fails_or_says_nothing_leaves_a_line_in_the_log(
    herd_of: HerdOf, caplog: pytest.LogCaptureFixture
) -> None:
    with ModelServer(Script(otherwise=Reply(' "" \n'))) as server:
        herd = herd_of(server, ["fast"])
        with caplog.at_level(logging.WARNING):
            assert model_title("When?", ANN, herd) is None
        assert "its first question stays" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert model_title("When?", ANN, herd) is None
    assert "its first question stays" in caplog.text
