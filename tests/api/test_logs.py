"""What people ask, and what documents say, does not get into the log: not at `INFO`, and not when something fails."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from assistant.answer import WrittenAnswerer
from assistant.app.models import make_herd
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from tests.api.test_conversations import begun, events
from tests.fakes.model_scripts import Reply, Script, when
from tests.fakes.model_server import ModelServer
from tests.fakes.system import System

ASKED, WRITTEN, STORED, TITLE = "zebrafinch", "quokkamilk", "axolotltail", "narwhalhorn"
CANARIES = (ASKED, WRITTEN, STORED, TITLE)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Everything that the log says, at its most talkative level that is no DEBUG."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    configure_logging("INFO", "text")
    return said


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def written(system: System, server: ModelServer) -> Iterator[System]:
    system.source.texts["zoo.txt"] = f"The {STORED} of the zoo is fed at nine in the morning.\n"
    system.ingestor.sync("s", "cli")
    closing: list = []
    settings = load_settings(
        home=system.folder,
        models={"m": {"url": server.url, "roles": ["answer", "fast"]}},
        model_tries=1,
    )
    herd = make_herd(settings, closing.append)
    system.answerer = WrittenAnswerer(  # type: ignore[assignment]
        system.answerer, system.retriever, system.library, herd, system.catalog.token_counts, b"k" * 32
    )
    yield system
    for close in closing:
        close()


def converse(client: TestClient) -> list[str]:
    """Ask, follow up, rename, search, give feedback and fail; returns the answers' texts."""
    path, first = begun(client, f"When is the {ASKED} fed at the zoo?")
    more = client.post(f"{path}/turns", json={"question": f"And the other {ASKED}?"})
    last = events(client, path.rsplit("/", 1)[1], more.json()["id"])[-1][2]
    client.patch(path, json={"title": TITLE})
    client.post("/api/search", json={"query": ASKED})
    client.get(f"/api/conversations/{ASKED}")
    client.post("/api/search", json={"query": ASKED, "limit": -1})
    client.post("/api/ask", json={"question": ASKED})
    return [first["answer"] or "", last["answer"] or ""]


def test_a_conversation_leaves_nothing_in_the_log(
    client: TestClient, written: System, server: ModelServer, log: io.StringIO
) -> None:
    server.script = Script(otherwise=Reply(f"It is fed {WRITTEN} at nine [1]."))
    answers = converse(client)
    logging.getLogger("test").info("the log is written")
    assert WRITTEN in answers[0], "the model has answered"
    assert not [canary for canary in CANARIES if canary in log.getvalue()], log.getvalue()
    assert "the log is written" in log.getvalue()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=400, message=f"cannot do this: {WRITTEN}"),
        Reply(f"It is {WRITTEN} and more", cut_after=2),
        Reply(raw=f'{{"error": {{"message": "no stream at all: {WRITTEN}"}}}}'),
    ],
)
def test_a_model_that_fails_leaves_no_question_in_the_log(
    client: TestClient, written: System, server: ModelServer, log: io.StringIO, reply: Reply
) -> None:
    server.script = Script(when("zoo", reply), otherwise=reply)
    converse(client)
    assert "model" in log.getvalue(), "that it failed is told"
    assert not [canary for canary in (ASKED, STORED, TITLE) if canary in log.getvalue()], log.getvalue()


def test_a_failure_of_the_database_tells_no_values(system: System) -> None:
    statement = text("INSERT INTO conversations (id, title) VALUES ('x', :title)")
    with pytest.raises(IntegrityError) as failed, system.catalog.database.write() as session:
        session.execute(statement, {"title": TITLE})
    assert TITLE not in str(failed.value)


def test_what_was_not_foreseen_leaves_no_question_in_the_log(
    client: TestClient, api: FastAPI, system: System, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("it broke for ann@example.com")

    monkeypatch.setattr(system.retriever, "explained", fail)
    answer = client.post("/api/search", json={"query": ASKED})
    assert answer.status_code == 500
    assert "RuntimeError: it broke for [mail]" in log.getvalue()
    assert ASKED not in log.getvalue()
