"""What people ask and what documents say gets into no trace unless it is wanted, whatever goes well or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.answer import GuardedAnswerer
from assistant.telemetry.tracing import Collector, start
from assistant.types import User
from tests.api.test_logs import ASKED, STORED, TITLE, WRITTEN, converse, server, written  # noqa: F401 (fixtures)
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer
from tests.fakes.system import System

KEY, GONE = "markhorkey", "pangolinfile"
CANARIES = (ASKED, WRITTEN, STORED, TITLE, KEY, GONE)
PAGE = Path(__file__).parents[2] / "infra" / "docs" / "monitoring.md"


@pytest.fixture
def traced(written: System) -> System:  # noqa: F811
    """An assistant with a model, guarded as the real one is."""
    written.answerer = GuardedAnswerer(written.answerer, written.library, now)  # type: ignore[assignment]
    return written


def now(user: User) -> User:
    """Return the user as given."""
    return user


def taken(*, content: bool) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    traces = start("test", "1", Collector(content=content), exporter)
    yield exporter
    traces.close()


@pytest.fixture
def silent() -> Iterator[InMemorySpanExporter]:
    yield from taken(content=False)


@pytest.fixture
def talkative() -> Iterator[InMemorySpanExporter]:
    yield from taken(content=True)


def everything(exporter: InMemorySpanExporter) -> str:
    return "\n".join(one.to_json() for one in exporter.get_finished_spans())


def names(exporter: InMemorySpanExporter) -> set[str]:
    return {one.name for one in exporter.get_finished_spans()}


def sync(system: System) -> None:
    """Add a document, one that is no text at all, and change what is there."""
    system.source.texts[f"{KEY}.txt"] = f"{STORED} again"
    system.source.texts[f"{GONE}.txt"] = ""
    system.ingestor.sync("s", "api")
    del system.source.texts[f"{KEY}.txt"]
    system.ingestor.sync("s", "api")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(f"It is fed {WRITTEN} at nine [1]."),
        Reply(status=400, message=f"cannot do this: {WRITTEN}"),
        Reply(f"It is {WRITTEN} and more", cut_after=2),
    ],
)
def test_neither_a_question_nor_a_sync_leaves_words_in_a_trace(
    client: TestClient,
    traced: System,
    server: ModelServer,  # noqa: F811
    silent: InMemorySpanExporter,
    reply: Reply,
) -> None:
    server.script = Script(otherwise=reply)
    converse(client)
    client.get(f"/api/documents/s/{KEY}.txt?q={ASKED}")
    client.get(f"/{ASKED}")
    sync(traced)
    assert names(silent) >= {"POST /api/search", "answer", "retrieve search", "ingest sync", "ingest document", "GET"}
    assert any(name.startswith("chat ") for name in names(silent))
    assert not [canary for canary in CANARIES if canary in everything(silent)]


@pytest.fixture
def conversed(
    client: TestClient,
    traced: System,
    server: ModelServer,  # noqa: F811
    talkative: InMemorySpanExporter,
) -> None:
    """Somebody has asked, and was answered, while contents are traced, too."""
    del traced, talkative  # which have to be there first
    server.script = Script(otherwise=Reply(f"It is fed {WRITTEN} at nine [1]."))
    converse(client)


@pytest.mark.usefixtures("conversed")
def test_every_attribute_is_documented(traced: System, talkative: InMemorySpanExporter) -> None:
    sync(traced)
    spans = talkative.get_finished_spans()
    used = {name for one in spans for name in one.attributes or {}}
    used |= {name for one in spans for event in one.events for name in event.attributes or {}}
    page = PAGE.read_text(encoding="utf-8").split("### What traces hold")[1].split("### What it costs")[0]
    assert len(used) > 30
    assert not used - set(re.findall(r"`([a-z_.]+)`", page))


@pytest.mark.usefixtures("conversed")
def test_questions_and_answers_are_in_traces_where_that_is_wanted(talkative: InMemorySpanExporter) -> None:
    told = everything(talkative)
    assert ASKED in told
    assert WRITTEN in told
    assert TITLE not in told


def test_a_fault_is_told_by_its_class(
    client: TestClient, api: FastAPI, system: System, silent: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"it broke at {ASKED}")

    monkeypatch.setattr(system.retriever, "explained", fail)
    answer = client.post("/api/search", json={"query": ASKED})
    assert answer.status_code == 500
    (request,) = [one for one in silent.get_finished_spans() if one.name == "POST /api/search"]
    assert (request.attributes or {})["error.type"] == "500"
    assert (request.attributes or {})["assistant.request.id"] == answer.headers["X-Request-ID"]
    assert answer.headers["X-Request-ID"] in answer.json()["hint"]
    assert ASKED not in everything(silent)
