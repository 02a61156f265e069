"""Answers that a model writes, over the API: who answers is told before, and a client that leaves stops the model."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from fastapi import FastAPI

from assistant.answer import WrittenAnswerer
from assistant.app.models import make_herd
from assistant.settings import load_settings
from tests.fakes.listening import listening
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer
from tests.fakes.system import System


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def written(system: System, server: ModelServer) -> Iterator[System]:
    closing = []
    herd = make_herd(
        load_settings(home=system.folder, model_url=server.url, model_tries=1, model_requests=64), closing.append
    )
    counts = system.catalog.token_counts
    system.answerer = WrittenAnswerer(  # type: ignore[assignment]
        system.answerer, system.retriever, system.library, herd, counts, b"k" * 32
    )
    yield system
    for close in closing:
        close()


def ask(url: str) -> list[tuple[str, dict]]:
    body = {"question": "When are train tickets booked?"}
    lines = httpx.post(f"{url}/api/ask", json=body, timeout=300).text.splitlines()
    names = [line[7:] for line in lines if line.startswith("event: ")]
    return list(zip(names, (json.loads(line[6:]) for line in lines if line.startswith("data: ")), strict=True))


def test_the_plan_says_who_answers_and_the_end_what_it_took(written: System, api: FastAPI, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply("At least 21 days before the trip [1]."))
    with listening(api, lifespan="on") as url:
        events = ask(url)
    assert [name for name, _ in events[:1] + events[-2:]] == ["plan", "citations", "usage"]
    assert {name for name, _ in events[1:-2]} == {"text"}
    plan, usage = events[0][1], events[-1][1]
    assert (plan["model"], plan["fallback"], plan["notes"]) == ("default", False, [])
    assert plan["why"].startswith("default: the cheapest model for answers")
    assert (usage["model"], usage["state"], usage["dropped"]) == ("default", "complete", 0)
    assert usage["usage"]["cached_tokens"] is not None
    assert events[-2][1]["citations"][0]["verified"]


def test_more_answers_than_a_server_has_threads_are_written_at_once(
    written: System, api: FastAPI, server: ModelServer
) -> None:
    at_once = 56  # the threads that requests share are 40
    gate = threading.Event()

    def wait(_: object) -> Reply:
        assert gate.wait(300)
        return Reply("At least 21 days before the trip [1].", piece_seconds=0.01)

    server.script = Script(wait)
    with listening(api, lifespan="on") as url, ThreadPoolExecutor(at_once) as clients:
        asked = [clients.submit(ask, url) for _ in range(at_once)]
        try:
            assert wait_until(lambda: len(server.asked) == at_once)
            assert httpx.get(f"{url}/api/status", timeout=120).status_code == 200  # others are served meanwhile
        finally:
            gate.set()
        answers = [future.result() for future in asked]
    for events in answers:
        text = "".join(data["delta"] for name, data in events if name == "text")
        assert text == "At least 21 days before the trip [1]."
        assert (events[-1][0], events[-1][1]["state"]) == ("usage", "complete")


def test_that_no_model_answered_is_told(written: System, api: FastAPI, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(status=500, message="broken"))
    with listening(api, lifespan="on") as url:
        events = ask(url)
    plans = [data for name, data in events if name == "plan"]
    assert [plan["fallback"] for plan in plans] == [False, True]
    assert events[-1][1]["fallback"]
    assert "broken" in events[-1][1]["notes"][0]


def test_a_client_that_leaves_before_the_first_word_stops_the_model(
    written: System, api: FastAPI, server: ModelServer
) -> None:
    server.script = Script(otherwise=Reply("Late [1].", first_seconds=600))
    with listening(api, lifespan="on") as url:
        with httpx.stream(
            "POST", f"{url}/api/ask", json={"question": "When are train tickets booked?"}, timeout=120
        ) as response:
            lines = response.iter_lines()  # held: without it, the connection would be closed here
            assert any(line.startswith("event: plan") for line in lines)
            assert wait_until(lambda: bool(server.asked))  # before it, the server is asked whether it takes tools
        assert wait_until(lambda: server.at_work == 0)
    assert server.chats[-1].left


def wait_until(holds, seconds=120.0) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()
