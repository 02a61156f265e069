"""Conversations over HTTP: asked, followed from any place, changed, exported; and each one's own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.catalog import NewTurn, Progress
from assistant.conversations.stored import filters_row
from assistant.types import EVERYTHING, LOCAL_OPERATOR, User
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.listening import listening
from tests.fakes.system import System

HR = User("ann", frozenset({"everyone", "hr"}))
STAFF = User("ann", frozenset({"everyone"}))
_MANY = httpx.Limits(max_connections=100)
TICKETS = "Train tickets are booked in Concur at least 21 days before the trip."


@pytest.fixture
def answerer(system: System) -> Iterator[ScriptedAnswerer]:
    answerer = ScriptedAnswerer(system.library)
    system.answerer = answerer
    yield answerer
    answerer.gate.set()


def become(api: FastAPI, user: User) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(user)


def begun(client: TestClient, question: str = "When?", **more: Any) -> tuple[str, dict[str, Any]]:
    started = client.post("/api/conversations", json={"question": question, **more})
    assert started.status_code == 201, started.text
    conversation, turn = started.json()["conversation"]["id"], started.json()["turn"]["id"]
    return f"/api/conversations/{conversation}", events(client, conversation, turn)[-1][2]


def events(client: Any, conversation: str, turn: str, **options: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return id, name and data of all events of a turn, when it has ended."""
    answer = client.get(f"/api/conversations/{conversation}/turns/{turn}/events", **options)
    assert answer.status_code == 200, answer.text
    return [parsed for block in answer.text.split("\n\n") if (parsed := parse(block))]


def parse(block: str) -> tuple[str, str, dict[str, Any]] | None:
    fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
    return (fields.get("id", ""), fields["event"], json.loads(fields["data"])) if "event" in fields else None


def test_a_conversation_from_its_first_question_to_its_deletion(client: TestClient, answerer: ScriptedAnswerer) -> None:
    path, first = begun(client, "When do I book?", sources=["s"], mode="chunks")
    assert (first["state"], first["answer"], first["found"], first["mode"]) == (
        "complete",
        f"{TICKETS} [1]",
        True,
        "chunks",
    )
    assert first["citations"][0] | {"document": None} == {
        "number": 1, "withdrawn": None, "document": None, "page": None, "start": 0, "end": len(TICKETS),
        "quote": TICKETS, "heading_path": [], "pictures": [], "verified": True, "supported": None, "statement": None,
        "kind": "text", "regions": [], "flagged": False,
    }  # fmt: skip
    assert first["plan"]["passages"][0]["document"]["key"] == "travel.txt"
    second = client.post(f"{path}/turns", json={"question": "And hotels?", "follows": first["id"]})
    assert second.status_code == 201
    events(client, path.rsplit("/", 1)[1], second.json()["id"])
    again = client.post(f"{path}/turns/{second.json()['id']}/regenerate", json={"mode": "corpus"}).json()
    events(client, path.rsplit("/", 1)[1], again["id"])
    edited = client.post(f"{path}/turns/{again['id']}/edit", json={"question": "And meals?"}).json()
    events(client, path.rsplit("/", 1)[1], edited["id"])
    shown = client.get(path).json()
    assert [turn["question"] for turn in shown["turns"]] == ["When do I book?", "And meals?"]
    assert shown["turns"][1]["versions"] == [second.json()["id"], again["id"], edited["id"]]
    assert shown["turns"][1]["history"]["turns"] == 1
    changed = client.patch(path, json={"title": "Trips", "shown": second.json()["id"]}).json()
    assert (changed["title"], changed["titled_by"], changed["shown"]) == ("Trips", "person", second.json()["id"])
    listed = client.get("/api/conversations", params={"query": "trip"}).json()
    assert ([one["id"] for one in listed["conversations"]], listed["total"]) == ([changed["id"]], 1)
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/restore").json()["title"] == "Trips"
    assert client.delete(path, params={"for_good": True}).status_code == 204
    assert client.post(f"{path}/restore").status_code == 404
    assert client.get("/api/conversations").json() == {"conversations": [], "total": 0}


def test_an_edited_question_has_the_budget_of_the_former_one_unless_it_says_so(
    client: TestClient, answerer: ScriptedAnswerer
) -> None:
    path, turn = begun(client, budget=99)
    for given, budget in (({}, 99), ({"budget": None}, None), ({"budget": 7}, 7)):
        edited = client.post(f"{path}/turns/{turn['id']}/edit", json={"question": "Why?", **given}).json()
        events(client, path.rsplit("/", 1)[1], edited["id"])
        assert edited["budget"] == budget


def test_exports_hold_what_may_be_read_now(client: TestClient, api: FastAPI, answerer: ScriptedAnswerer) -> None:
    become(api, HR)
    answerer.keys = ("travel.txt", "hr/salary.txt")
    path, turn = begun(client)
    events(
        client,
        path.rsplit("/", 1)[1],
        client.post(f"{path}/turns/{turn['id']}/regenerate", json={}).json()["id"],
    )
    page = client.get(f"{path}/export")
    assert page.headers["content-type"].startswith("text/markdown")
    assert page.text.startswith("# When?\n\nBegun on ")
    place = f"characters 0\u2013{len(TICKETS)} (verified): \u201c{TICKETS}\u201d"
    assert f"- [1] travel.txt, s: travel.txt, {place}" in page.text
    assert "4,310" in page.text
    whole = client.get(f"{path}/export", params={"format": "json"}).json()
    assert len(whole["turns"]) == 2
    assert len(client.get(path).json()["turns"]) == 1
    become(api, STAFF)
    for read in (path, f"{path}/export", f"{path}/export?format=json", f"{path}/turns/{turn['id']}"):
        text = client.get(read).text
        assert "withdrawn" in text
        assert "4,310" not in text
        assert "salary" not in text
    assert "4,310" not in str(events(client, path.rsplit("/", 1)[1], turn["id"]))


def test_who_lost_what_the_turns_before_rest_on_follows_nothing(
    client: TestClient, api: FastAPI, answerer: ScriptedAnswerer
) -> None:
    become(api, HR)
    answerer.keys = ("hr/salary.txt",)
    path, _ = begun(client)
    answerer.keys, answerer.tail = ("travel.txt",), " As said before, 4,310."
    answerer.gate.clear()
    second = client.post(f"{path}/turns", json={"question": "And when?"}).json()
    become(api, STAFF)
    threading.Timer(0.5, answerer.gate.set).start()
    told = events(client, path.rsplit("/", 1)[1], second["id"])
    assert [name for _, name, _ in told] == ["turn"]
    assert "4,310" not in str(told)


def test_another_persons_conversation_is_not_found_whoever_asks(
    client: TestClient, api: FastAPI, answerer: ScriptedAnswerer
) -> None:
    become(api, HR)
    path, turn = begun(client)
    other = f"{path}/turns/{turn['id']}"
    for user in (LOCAL_OPERATOR, User("bob", HR.groups, "admin")):
        become(api, user)
        assert client.get("/api/conversations").json()["total"] == 0
        for method, place, body in (
            ("GET", path, None), ("PATCH", path, {"title": "x"}), ("DELETE", path, None),
            ("DELETE", f"{path}?for_good=true", None), ("POST", f"{path}/restore", None),
            ("GET", f"{path}/export", None), ("POST", f"{path}/turns", {"question": "x"}), ("GET", other, None),
            ("POST", f"{other}/regenerate", {}), ("POST", f"{other}/edit", {"question": "x"}),
            ("POST", f"{other}/stop", None), ("GET", f"{other}/events", None),
        ):  # fmt: skip
            answer = client.request(method, place, json=body)
            assert (answer.status_code, answer.json()["code"]) == (404, "NotFoundError"), place
    become(api, HR)
    assert client.get(path).json()["title"] == "When?"
    assert len(answerer.asked) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"question": " "}),
        ("", {"question": "x", "budget": 0}),
        ("", {"question": "x", "types": ["nothing"]}),
        ("", {"question": "x", "more": 1}),
        ("/none/turns", {"question": ""}),
    ],
)
def test_wrong_questions_are_refused(client: TestClient, path: str, body: dict[str, Any]) -> None:
    assert client.post(f"/api/conversations{path}", json=body).status_code == 422
    assert client.get("/api/conversations").json()["total"] == 0


@contextmanager
def served(api: FastAPI) -> Iterator[httpx.Client]:
    """The API on a port: the in-process client does not stream."""
    with (
        listening(api) as url,
        httpx.Client(base_url=url, timeout=120, limits=_MANY, trust_env=False) as client,
    ):
        yield client


class Reader:
    """Reads a response's events as they come."""

    def __init__(self, response: httpx.Response) -> None:
        self._chunks = response.iter_text()
        self._rest = ""

    def until(self, word: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Return the events up to the piece that holds the word."""
        found = []
        for chunk in self._chunks:
            *blocks, self._rest = (self._rest + chunk).split("\n\n")
            found += [parsed for block in blocks if (parsed := parse(block))]
            if word in chunk:
                break
        return found


def test_a_client_that_comes_back_goes_on_where_it_was(api: FastAPI, answerer: ScriptedAnswerer) -> None:
    answerer.keys, answerer.tail = ("travel.txt",), "The end."
    answerer.gate.clear()
    with served(api) as client:
        started = client.post("/api/conversations", json={"question": "When?"}).json()
        conversation, turn = started["conversation"]["id"], started["turn"]["id"]
        path = f"/api/conversations/{conversation}/turns/{turn}"
        with client.stream("GET", f"{path}/events") as response:
            first = Reader(response).until("before the trip")
        assert [name for _, name, _ in first] == ["plan", "text"]
        known = first[-1][0]
        assert int(known) == len(f"{TICKETS} [1]")
        busy = client.post(f"/api/conversations/{conversation}/turns", json={"question": "x"})
        assert (busy.status_code, busy.json()["code"]) == (409, "ConversationBusyError")
        answerer.gate.set()
        rest = events(client, conversation, turn, headers={"Last-Event-ID": known})
        texts = "".join(data["delta"] for _, name, data in rest if name == "text")
        assert texts in {" The end.", ""}  # nothing twice; all of it is in the end, which may have come before
        assert rest[-1][1] == "turn"
        assert rest[-1][2]["answer"] == f"{TICKETS} [1] The end."
        middle = events(client, conversation, turn, params={"after": 5})
        assert [name for _, name, _ in middle] == ["turn"]


def test_whoever_lost_a_right_meanwhile_follows_nothing_but_the_end(api: FastAPI, answerer: ScriptedAnswerer) -> None:
    answerer.keys = ("hr/salary.txt",)
    answerer.gate.clear()
    become(api, HR)
    with served(api) as client:
        started = client.post("/api/conversations", json={"question": "How much?"}).json()
        path = f"/api/conversations/{started['conversation']['id']}/turns/{started['turn']['id']}"
        with client.stream("GET", f"{path}/events") as response:
            Reader(response).until("4,310")
        become(api, STAFF)
        with client.stream("GET", f"{path}/events") as response:
            reader = Reader(response)
            answerer.gate.set()
            ((_, name, turn),) = reader.until("event: turn")
        assert (name, turn["state"], turn["answer"], turn["withdrawn"]) == ("turn", "complete", "[withdrawn]", True)
        assert turn["citations"][0]["withdrawn"] == "gone"


def test_an_answer_is_stopped_and_two_clients_see_it(api: FastAPI, answerer: ScriptedAnswerer) -> None:
    answerer.gate.clear()
    with served(api) as client:
        started = client.post("/api/conversations", json={"question": "When?"}).json()
        conversation, turn = started["conversation"]["id"], started["turn"]["id"]
        path = f"/api/conversations/{conversation}/turns/{turn}"
        with client.stream("GET", f"{path}/events") as one, client.stream("GET", f"{path}/events") as two:
            first, second = Reader(one), Reader(two)
            first.until("before the trip")
            stopped = client.post(f"{path}/stop").json()
            assert (stopped["state"], stopped["answer"]) == ("stopped", f"{TICKETS} [1]")
            assert first.until("event: turn")[-1][2] == stopped
            assert second.until("event: turn")[-1][2] == stopped


def test_an_answer_that_another_process_writes_is_followed(
    api: FastAPI, system: System, answerer: ScriptedAnswerer
) -> None:
    options = {"mode": "auto", "budget": None, "filters": filters_row(EVERYTHING), "model": ""}
    history = {"turns": 0, "left_out": 0, "shortened": False, "tokens": 0, "budget": 1}
    table = system.catalog.conversations
    record, turn = table.begin(
        LOCAL_OPERATOR, None, NewTurn(None, "asked", "q", options, {"history": history}), 60, "q"
    )
    table.write([Progress(turn.id, "answering", "Half")], 60)
    with (
        served(api) as client,
        client.stream("GET", f"/api/conversations/{record.id}/turns/{turn.id}/events", params={"after": 2}) as response,
    ):
        reader = Reader(response)
        assert reader.until("lf")[-1] == ("4", "text", {"delta": "lf"})
        table.write([Progress(turn.id, "complete", "Half and all", answer={"found": True})], 60)
        last = reader.until("event: turn")[-1]
        assert (last[1], last[2]["state"], last[2]["answer"]) == ("turn", "complete", "Half and all")


def test_deleting_a_conversation_ends_what_is_followed_in_it(api: FastAPI, answerer: ScriptedAnswerer) -> None:
    answerer.gate.clear()
    with served(api) as client:
        started = client.post("/api/conversations", json={"question": "When?"}).json()
        path = f"/api/conversations/{started['conversation']['id']}"
        with client.stream("GET", f"{path}/turns/{started['turn']['id']}/events") as response:
            reader = Reader(response)
            reader.until("before the trip")
            assert client.delete(path, params={"for_good": True}).status_code == 204
            _, name, data = reader.until("event: error")[-1]
            assert (name, data["code"]) == ("error", "NotFoundError")


def test_of_64_answers_at_once_none_is_lost(api: FastAPI, answerer: ScriptedAnswerer) -> None:
    answerer.gate.clear()
    with served(api) as client:

        def whole(number: int) -> str:
            started = client.post("/api/conversations", json={"question": f"Question {number}?"}).json()
            all_of_it = events(client, started["conversation"]["id"], started["turn"]["id"])
            text = "".join(data["delta"] for _, name, data in all_of_it if name == "text")
            assert all_of_it[-1][2]["question"] == f"Question {number}?"
            assert all_of_it[-1][2]["state"] == "complete"
            assert text in {all_of_it[-1][2]["answer"], ""}
            return str(all_of_it[-1][2]["answer"])

        with ThreadPoolExecutor(64) as pool:
            waiting = [pool.submit(whole, number) for number in range(64)]
            while len(answerer.asked) < 64:
                assert not any(one.done() and one.exception() for one in waiting)
                time.sleep(0.05)
            refused = client.post("/api/conversations", json={"question": "one more?"})
            assert (refused.status_code, refused.json()["code"]) == (503, "ModelOverloadedError")
            answerer.gate.set()
            assert {one.result(120) for one in waiting} == {f"{TICKETS} [1]"}
        assert client.get("/api/conversations").json()["total"] == 64


def test_answers_are_counted_once_however_many_look_on(client: TestClient, answerer: ScriptedAnswerer) -> None:
    path, turn = begun(client)
    events(client, path.rsplit("/", 1)[1], turn["id"])
    assert 'assistant_answers_total{found="true",mode="chunks"} 1.0' in client.get("/metrics").text
