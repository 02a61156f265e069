"""The models over the API: how they are, and what one says in a trial; for admins only."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.errors import ModelUnavailableError
from assistant.herd import Herd, Member
from assistant.types import ModelInfo, ModelProfile, ServerLoad, User
from tests.api.test_feedback import become
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.system import System


class Watched(FakeChatModel):
    """Says how busy it is, and counts how often it is asked anew."""

    forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1

    def load(self) -> ServerLoad:
        return ServerLoad(1, 2, 32, running=3, queued=4, cache=0.5)


class Gone(FakeChatModel):
    """Does not answer."""

    def describe(self) -> ModelInfo:
        raise ModelUnavailableError("the model server http://gone does not answer", "start it")


@pytest.fixture
def watched(system: System) -> Watched:
    model = Watched(Script(otherwise=Reply("Paris is the capital.")), name="maverick")
    members = [
        Member(ModelProfile("big", frozenset({"answer", "long"}), frozenset({"hr"})), model),
        Member(ModelProfile("away", frozenset({"fast"})), Gone(name="")),
    ]
    system.herd = Herd(members)
    return model


def test_each_model_says_how_it_is(client: TestClient, watched: Watched) -> None:
    found = client.get("/api/models").json()
    big, away = found["herd"]
    assert (big["key"], big["reachable"], big["name"], big["context_tokens"]) == ("big", True, "maverick", 100_000)
    assert (big["roles"], big["groups"], big["tools"]) == (["answer", "long"], ["hr"], True)
    assert big["load"] == {"at_work": 1, "waiting": 2, "most": 32, "running": 3, "queued": 4, "cache": 0.5}
    assert (away["reachable"], away["context_tokens"]) == (False, None)
    assert (away["error"], away["hint"]) == ("the model server http://gone does not answer", "start it")
    parts = {one["part"]: one for one in found["parts"]}
    assert (parts["embedder"]["loaded"], parts["embedder"]["dimension"]) == (True, 64)
    assert (parts["reranker"]["name"], parts["reranker"]["loaded"]) == ("", False)
    assert watched.forgotten == 0
    client.post("/api/models/check")
    assert watched.forgotten == 1


def events(text: str) -> list[tuple[str, Any]]:
    parts = [part.split("\n", 1) for part in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in parts]


def test_a_trial_streams_the_answer_and_its_times(client: TestClient, watched: Watched) -> None:
    told = events(client.post("/api/models/try", json={"model": "big", "prompt": "Which city?"}).text)
    assert "".join(data["delta"] for name, data in told if name == "text") == "Paris is the capital."
    name, trial = told[-1]
    assert name == "trial"
    assert trial["answer_tokens"] == len(told) - 1
    assert 0 <= trial["first_seconds"] <= trial["seconds"]
    assert watched.asked[0].body["messages"][-1]["content"] == "Which city?"


def test_a_trial_that_fails_says_why(client: TestClient, watched: Watched) -> None:
    watched.script = Script(otherwise=Reply(status=503))
    (only,) = events(client.post("/api/models/try", json={"model": "big", "prompt": "x", "max_tokens": 9}).text)
    assert only[0] == "error"
    assert only[1]["code"] == "ModelOverloadedError"
    assert client.post("/api/models/try", json={"model": "none", "prompt": "x"}).status_code == 404


def test_only_admins_see_them(client: TestClient, api: FastAPI, watched: Watched) -> None:
    become(api, User("cleo", role="curator", curates=frozenset({"s"})))
    assert client.get("/api/models").status_code == 403
    assert client.post("/api/models/try", json={"model": "big", "prompt": "x"}).status_code == 403
