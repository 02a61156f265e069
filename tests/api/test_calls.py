"""Calls of tools over HTTP: told as events, kept with their turn, decided by their person alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.agent import ToolAgent
from assistant.answer import Answerer, WrittenAnswerer
from assistant.api.answer_events import sent
from assistant.catalog import NewTurn, Progress
from assistant.catalog.records import TurnState
from assistant.conversations.stored import filters_row, use_row
from assistant.herd import Herd, Member
from assistant.types import EVERYTHING, LOCAL_OPERATOR, ApprovalWanted, ModelProfile, Passage, ToolResult, ToolUse, User
from assistant.wire import ToolUseJson
from tests.api.test_conversations import Reader, become, events, parse, served
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.system import System
from tests.fakes.tools import ScriptedTool, call

WRITE = Reply("I will.", tool_calls=(call("write"), call("write", '{"text": "again"}', 2), call("look", number=3)))


@dataclass
class Talk:
    """What the tests look at."""

    client: TestClient
    model: FakeChatModel
    write: ScriptedTool

    def begin(self, *replies: Reply) -> tuple[str, str, list[tuple[str, str, dict[str, Any]]]]:
        """Ask, and return conversation, turn and the events until the turn has ended."""
        self.model.script = Script(in_turn(*replies))
        started = self.client.post("/api/conversations", json={"question": "Please write"}).json()
        conversation, turn = started["conversation"]["id"], started["turn"]["id"]
        return conversation, turn, events(self.client, conversation, turn)

    def decide(self, conversation: str, turn: str, one: str, **body: Any) -> Any:
        return self.client.post(f"/api/conversations/{conversation}/turns/{turn}/calls/{one}/decision", json=body)


@pytest.fixture
def talk(system: System, client: TestClient) -> Talk:
    write, model = ScriptedTool("write", writes=True), FakeChatModel()
    document = system.library.read("s", "travel.txt", User("x", frozenset({"everyone"})))
    look = ScriptedTool("look", lambda *_: ToolResult("seen", {}, (Passage(document.ref, 0, 5, document.text[:5]),)))
    system.registry.add_tool(write)
    system.registry.add_tool(look)
    agent = ToolAgent(system.registry.tools_for, system.library, b"k" * 32)
    herd = Herd([Member(ModelProfile("scripted", frozenset({"answer"})), model)])
    quoting = Answerer(system.retriever, system.library, system.embedder)
    counts = system.catalog.token_counts
    found = (system.retriever, system.library, herd, counts, b"k" * 32)
    system.answerer = WrittenAnswerer(quoting, *found, agent=agent)  # type: ignore[assignment]
    return Talk(client, model, write)


def test_calls_come_as_events(talk: Talk) -> None:
    talk.model.script = Script(in_turn(Reply("Let me see.", tool_calls=(call("look"),)), Reply("It is so [1].")))
    answer = talk.client.post("/api/ask", json={"question": "Please look"}).text
    told = [parsed for block in answer.split("\n\n") if (parsed := parse(block))]
    names = [name for _, name, _ in told if name != "text"]
    assert names == ["plan", "tool_started", "tool_finished", "citations", "usage"]
    data = {name: data for _, name, data in told}
    assert (data["tool_started"]["state"], data["tool_started"]["result"]) == ("running", "")
    assert data["usage"]["tools"] == [data["tool_finished"]]
    use = ToolUse("call01001", "write", {"text": "x"}, writes=True, state="waiting")
    assert parse(sent(ApprovalWanted(use)).strip()) == ("", "approval_wanted", ToolUseJson.of(use).model_dump())


def test_calls_stay_with_their_turn(talk: Talk) -> None:
    _, _, told = talk.begin(Reply("Let me see.", tool_calls=(call("look"),)), Reply("It is so [1]."))
    (kept,) = told[-1][2]["tools"]
    place = kept["places"][0]
    assert (kept["name"], kept["arguments"], kept["state"]) == ("look", {"text": "hello"}, "done")
    assert (kept["result"], place["document"]["key"], place["start"], place["end"]) == ("seen", "travel.txt", 0, 5)
    assert (kept["step"], kept["at"], kept["writes"], kept["proposed"], kept["error"]) == (1, 11, False, None, "")


def test_a_turn_waits_until_every_call_is_decided(talk: Talk) -> None:
    conversation, turn, told = talk.begin(WRITE, Reply("It is done."))
    waiting = told[-1][2]
    assert (waiting["state"], waiting["answer"]) == ("waiting", "I will.")
    first, second, look = waiting["tools"]
    assert [one["state"] for one in (first, second, look)] == ["waiting", "waiting", "done"]
    half = talk.decide(conversation, turn, first["id"], approved=True, arguments={"text": "better"})
    assert (half.status_code, half.json()["state"], talk.write.calls) == (200, "waiting", [])
    rest = talk.decide(conversation, turn, second["id"], approved=False, reason="once is enough")
    assert rest.json()["state"] in {"answering", "complete"}
    done = events(talk.client, conversation, turn)[-1][2]
    assert (done["state"], done["answer"]) == ("complete", "I will.\n\nIt is done.")
    assert [arguments for arguments, _ in talk.write.calls] == [{"text": "better"}]
    assert [(one["state"], one["proposed"], one["reason"]) for one in done["tools"]] == [
        ("done", {"text": "hello"}, ""),
        ("rejected", None, "once is enough"),
        ("done", None, ""),
    ]


def test_what_cannot_be_decided_is_refused(talk: Talk, api: FastAPI) -> None:
    conversation, turn, told = talk.begin(WRITE, Reply("It is done."))
    first = told[-1][2]["tools"][0]["id"]
    wrong = talk.decide(conversation, turn, first, approved=True, arguments={"text": 1})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "ToolError")
    assert talk.decide(conversation, turn, first, reason="no word on approval").status_code == 422
    assert talk.decide(conversation, turn, "call99999", approved=True).status_code == 404
    become(api, User("mallory", frozenset({"everyone"}), "admin"))
    assert talk.decide(conversation, turn, first, approved=True).status_code == 404
    api.dependency_overrides.clear()
    assert talk.decide(conversation, turn, first, approved=False).status_code == 200
    again = talk.decide(conversation, turn, first, approved=True)
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyDecidedError")
    assert talk.write.calls == []


def test_without_a_conversation_nothing_is_written(talk: Talk) -> None:
    talk.model.script = Script(in_turn(Reply(tool_calls=(call("write"),)), Reply("I could not.")))
    answer = talk.client.post("/api/ask", json={"question": "Please write"}).text
    counted = 'assistant_tool_calls_total{state="rejected",tool="write"} 1.0'
    assert counted in talk.client.get("/metrics").text
    assert "event: tool_finished" in answer
    assert "nobody can be asked here" in answer
    assert "event: approval_wanted" not in answer
    assert talk.write.calls == []


def test_calls_that_another_process_makes_are_told_as_it_stores_them(system: System, api: FastAPI, talk: Talk) -> None:
    assert "write" in system.registry.tools_for(LOCAL_OPERATOR)
    options = {"mode": "auto", "budget": None, "filters": filters_row(EVERYTHING), "model": ""}
    history = {"turns": 0, "left_out": 0, "shortened": False, "tokens": 0, "budget": 1}
    new, table = NewTurn(None, "asked", "q", options, {"history": history}), system.catalog.conversations
    record, turn = table.begin(LOCAL_OPERATOR, None, new, 60, "q")
    use = ToolUse("call01001", "write", {"text": "x"}, writes=True)

    def store(turns: TurnState, **changes: Any) -> None:
        answer = {"tools": [use_row(replace(use, **changes))]}
        table.write([Progress(turn.id, turns, "", answer=answer)], 60)

    store("answering")
    path = f"/api/conversations/{record.id}/turns/{turn.id}/events"
    with served(api) as client, client.stream("GET", path) as response:
        reader = Reader(response)
        assert reader.until("event: tool_started")[-1][2]["state"] == "running"
        store("answering", state="done", text="ok")
        assert reader.until("event: tool_finished")[-1][2]["result"] == "ok"
        store("waiting", state="waiting")
        name, data = reader.until("event: turn")[-1][1:]
        assert (name, data["state"], data["tools"][0]["state"]) == ("turn", "waiting", "waiting")
