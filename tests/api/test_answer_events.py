"""Answers outside of conversations: whoever leaves stops them, and each has a place among those written at once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.api.answer_events import answered
from assistant.conversations.room import Room
from assistant.errors import ModelOverloadedError
from assistant.types import LOCAL_OPERATOR, AnswerDone, Question
from tests.api.test_conversations import served
from tests.fakes.answering import ScriptedAnswerer, StoppableAnswerer
from tests.fakes.system import System

_ASKED = {"messages": [{"role": "user", "content": "When?"}], "model": "assistant"}
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "ask": ("/api/ask", {"question": "When?"}),
    "streamed": ("/v1/chat/completions", {**_ASKED, "stream": True}),
    "whole": ("/v1/chat/completions", _ASKED),
}


def until_free(room: Room) -> None:
    """Wait until there is a place; fail when that takes long."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return room.take()()
        except ModelOverloadedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


@pytest.mark.parametrize("begun", [True, False])
def test_whoever_leaves_stops_the_answer(api: FastAPI, system: System, begun: bool) -> None:
    system.answerer = answerer = StoppableAnswerer(system.library)
    answerer.gate.clear()
    answer = answered(api.state.context, lambda: Question("When?"), LOCAL_OPERATOR)
    if begun:
        next(answer.events)
    answer.leave()
    *_, last = answer.events
    assert isinstance(last, AnswerDone)
    assert last.answer.state == "stopped"


@pytest.mark.parametrize("way", list(WAYS))
def test_all_ways_to_ask_share_the_places(client: TestClient, system: System, way: str) -> None:
    path, body = WAYS[way]
    system.answerer = answerer = ScriptedAnswerer(system.library)
    system.conversations.room = room = Room(1)
    answerer.gate.clear()
    assert client.post("/api/conversations", json={"question": "When?"}).status_code == 201
    refused = client.post(path, json=body)
    assert refused.status_code == 503
    assert "ModelOverloadedError" in refused.text
    answerer.gate.set()
    until_free(room)
    for _ in range(2):  # the first gives its place back
        assert client.post(path, json=body).status_code == 200
        until_free(room)


def test_an_answer_elsewhere_takes_the_place_of_one_in_a_conversation(client: TestClient, system: System) -> None:
    system.conversations.room = room = Room(1)
    give_back = room.take()
    refused = client.post("/api/conversations", json={"question": "When?"})
    assert (refused.status_code, refused.json()["code"]) == (503, "ModelOverloadedError")
    give_back()
    assert client.post("/api/conversations", json={"question": "When?"}).status_code == 201


@pytest.mark.parametrize("begun", [True, False])
def test_a_place_is_held_until_no_more_is_made(api: FastAPI, system: System, begun: bool) -> None:
    system.answerer = ScriptedAnswerer(system.library)
    system.conversations.room = room = Room(1)
    answer = answered(api.state.context, lambda: Question("When?"), LOCAL_OPERATOR)
    if begun:
        next(answer.events)
    with pytest.raises(ModelOverloadedError):
        room.take()
    answer.end()
    if begun:  # its thread may be at work still
        with pytest.raises(ModelOverloadedError):
            room.take()
        answer.events.close()  # type: ignore[attr-defined]
    room.take()


@pytest.mark.parametrize("way", ["ask", "streamed"])
def test_whoever_leaves_a_stream_gives_the_place_back(api: FastAPI, system: System, way: str) -> None:
    path, body = WAYS[way]
    system.answerer = answerer = StoppableAnswerer(system.library)
    answerer.gate.clear()
    system.conversations.room = room = Room(1)
    with served(api) as client:
        with client.stream("POST", path, json=body) as response:
            next(response.iter_text())
        until_free(room)
