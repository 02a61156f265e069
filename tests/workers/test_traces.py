"""One trace from the API to the worker, one from the API to the model, sent to a collector; and logs that say whose."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.cli.test_up import wait_for
from tests.fakes.collector import Collector, Taken
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer
from tests.fakes.ports import free_port
from tests.fakes.processes import end
from tests.workers.brokers import Valkey
from tests.workers.test_server_mode import celery

SOURCE, FOLDER, KEY, TITLE, SAID = "okapisource", "quollfolder", "numbatkey", "dugongtitle", "zorillatext"
ASKED, WRITTEN, WRONG = "tapirquestion", "kakapoanswer", "gavialquery"
CANARIES = (SOURCE, FOLDER, KEY, TITLE, SAID, ASKED, WRITTEN, WRONG)
pytestmark = pytest.mark.timeout(900)  # three processes start, on a machine that has other work
TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Story:
    """What was done, and what the collector got of it."""

    collector: Collector
    asked: httpx.Response
    traceparents: list[str]
    added: httpx.Response
    again: httpx.Response
    worker_log: list[dict[str, str]]

    def trace_with(self, name: str) -> list[Taken]:
        """Return the trace of the last request that has a span of this name."""
        return self.collector.trace([one.trace for one in self.collector.spans if one.name == name][-1])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A source is added and synced by a worker process, a question asked, a source found missing; all of it traced."""
    place = tmp_path_factory.mktemp("traced")
    folder = place / FOLDER
    folder.mkdir()
    (folder / f"{KEY}.md").write_text(f"# {TITLE}\n\nThe {SAID} of the zoo is fed at nine in the morning.\n")
    (folder / "broken.pdf").write_text(f"no PDF but {SAID}")
    script = Script(otherwise=Reply(f"The {SAID} is fed at nine, says {WRITTEN} [1]."))
    with Valkey() as broker, ModelServer(script) as model, Collector() as collector:
        variables = {
            "ASSISTANT_HOME": str(place / "home"),
            "ASSISTANT_BROKER_URL": broker.url,
            "ASSISTANT_MODEL_URL": model.url,
            "ASSISTANT_OTLP_URL": collector.url,
            "ASSISTANT_OTLP_HEADERS": "x-tenant=zoo",
            "ASSISTANT_LOG_FORMAT": "json",
            # what FastAPI's own telemetry and OpenTelemetry's SDK would listen to
            "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_RESOURCE_ATTRIBUTES": f"host.name={FOLDER}",
        }
        worker = ("worker", "-P", "threads", "-c", "2")
        with api(place / "api.log", **variables) as server, celery(*worker, log=place / "worker.log", **variables):
            added, asked, again = _lived(server, folder)
        traceparents = [one.headers["traceparent"] for one in model.chats if "traceparent" in one.headers]
        lines = (place / "worker.log").read_text().splitlines()
        log = [json.loads(line) for line in lines if line.startswith("{")]
        yield Story(collector, asked, traceparents, added, again, log)


@contextmanager
def api(log: Path, **variables: str) -> Iterator[str]:
    """Run `assistant up` without its pages, and yield the API's address once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "assistant.cli", "up", "--no-ui", "--port", str(port)]
    with log.open("w") as file:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=file, stderr=file)
    try:
        wait_for(lambda: "API is ready" in log.read_text() or process.poll() is not None, seconds=240)
        assert process.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}"
    finally:
        end(process)


def _lived(server: str, folder: Path) -> tuple[httpx.Response, httpx.Response, httpx.Response]:
    def call(path: str, body: dict[str, object] | None = None, **headers: str) -> httpx.Response:
        return httpx.post(server + path, json=body, headers=headers, timeout=120)

    def states() -> list[str]:
        return [run["state"] for run in httpx.get(f"{server}/api/runs", timeout=120).json()["runs"]]

    # What a worker finds to do when it starts belongs to nobody's request: that is over when this is.
    with tempfile.TemporaryDirectory() as other:
        (Path(other) / "a.md").write_text("# Gym")
        call("/api/sources", {"name": "other", "kind": "folder", "config": {"path": other}})
        wait_for(lambda: states() == ["done"])
    body = {"name": SOURCE, "kind": "folder", "config": {"path": str(folder)}}
    added = call("/api/sources", body)
    wait_for(lambda: states() == ["done", "done"])
    asked = call("/api/ask", {"question": f"When is the {ASKED} {SAID} fed?"}, traceparent=f"00-{TRACE}-{'b' * 16}-01")
    for path in (f"/api/documents?source={WRONG}", f"/{WRONG}", "/health"):
        httpx.get(server + path, timeout=120)
    shutil.rmtree(folder)
    again = call(f"/api/sources/{SOURCE}/sync")
    wait_for(lambda: "failed" in states())
    return added, asked, again


def parent_of(one: Taken, trace: list[Taken]) -> str:
    """Return the name of the span that this one lies below; empty: none of this trace."""
    return next((other.name for other in trace if other.id == one.parent), "")


def test_a_sync_that_the_api_asks_for_is_one_trace_with_the_workers_work(story: Story) -> None:
    assert story.added.status_code == 201, story.added.text
    trace = story.trace_with("POST /api/sources")
    below = {(one.service.removeprefix("assistant-"), parent_of(one, trace), one.name) for one in trace}
    assert below >= {
        ("api", "", "POST /api/sources"),
        ("worker", "POST /api/sources", "process sync"),
        ("worker", "process sync", "ingest sync"),
        ("worker", "ingest sync", "ingest list"),
        ("worker", "process sync", "process parse"),
        ("worker", "process parse", "ingest document"),
        ("worker", "ingest document", "ingest fetch"),
        ("worker", "ingest document", "ingest parse"),
        ("worker", "process sync", "process embed"),
        ("worker", "process embed", "ingest commit"),
        ("worker", "ingest commit", "ingest embed"),
        ("worker", "ingest commit", "ingest write"),
    }
    documents = [one.attributes for one in trace if one.name == "ingest document"]
    assert {one["assistant.document.step"] for one in documents} == {"prepared", "gone"}
    assert {one["error.type"] for one in documents if "error.type" in one} == {"DamagedDocumentError"}
    assert all(one["assistant.run.id"] and one["assistant.job.id"] for one in documents)
    assert any("document" in one.events for one in trace if one.name == "ingest commit")


def test_a_question_is_one_trace_from_the_proxy_to_the_model(story: Story) -> None:
    assert story.asked.status_code == 200
    assert WRITTEN in story.asked.text
    trace = story.collector.trace(TRACE)
    below = {(parent_of(one, trace), one.name) for one in trace}
    assert below >= {
        ("", "POST /api/ask"),
        ("POST /api/ask", "answer"),
        ("answer", "answer search"),
        ("answer search", "retrieve"),
        ("retrieve", "retrieve embed"),
        ("retrieve", "retrieve search"),
        ("answer", "answer plan"),
        ("answer write", "chat scripted"),
    }
    (request,) = [one for one in trace if one.name == "POST /api/ask"]
    assert request.parent == "b" * 16
    assert request.attributes["http.response.status_code"] == 200
    assert request.attributes["assistant.request.id"] == story.asked.headers["X-Request-ID"]
    (answer,) = [one.attributes for one in trace if one.name == "answer"]
    assert answer["assistant.answer.found"] is True
    assert answer["assistant.answer.citations"] == 1
    assert answer["assistant.plan.mode"] in {"corpus", "documents", "chunks"}


def test_the_model_server_gets_the_trace_and_its_figures_are_named_as_conventions_have_it(story: Story) -> None:
    (chat,) = [one for one in story.collector.trace(TRACE) if one.name == "chat scripted"]
    assert any(one.startswith(f"00-{TRACE}-{chat.id}-") for one in story.traceparents)
    told = chat.attributes
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.provider.name"] == "vllm"
    assert told["gen_ai.request.model"] == "scripted"
    assert told["gen_ai.usage.input_tokens"] > 10
    assert told["gen_ai.usage.output_tokens"] > 3
    assert told["gen_ai.response.time_to_first_chunk"] > 0
    assert [one.string_value for one in told["gen_ai.response.finish_reasons"].values] == ["stop"]


def test_no_content_no_name_and_no_path_is_in_what_was_sent(story: Story) -> None:
    sent = b"".join(story.collector.bodies)
    assert len(sent) > 5000
    assert not [canary for canary in CANARIES if canary.encode() in sent]


def test_libraries_send_nothing_by_themselves_whatever_variables_say(story: Story) -> None:
    assert {one.service for one in story.collector.spans} == {"assistant-api", "assistant-worker"}
    names = {one.name for one in story.collector.spans}
    assert "GET" in names, "a path that no route has is not a name"
    assert not [name for name in names if "health" in name]
    assert {headers.get("x-tenant") for headers in story.collector.headers} == {"zoo"}


def test_the_workers_log_names_the_request_and_the_trace(story: Story) -> None:
    assert story.again.status_code < 300
    asked = story.again.headers["X-Request-ID"]
    lines = [line for line in story.worker_log if line["request"] == asked]
    assert [line for line in lines if "sync_source" in line["message"]], story.worker_log
    trace = {one.trace for one in story.collector.spans if one.attributes.get("assistant.request.id") == asked}
    assert {line["trace"] for line in lines} == trace
