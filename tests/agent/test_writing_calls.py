"""Calls that change something: made as the person says, and gone on with later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assistant.types import Decision, SoFar, ToolResult, User
from tests.agent.conftest import STAFF, TRAVEL, Study, passage, states
from tests.answer.memory import make_document
from tests.fakes.model_scripts import Reply
from tests.fakes.tools import ScriptedTool, call

ANSWER = Reply("Employees have 28 days of leave in a year [1].")


def later(_: object) -> None:
    """Let the answer wait."""


def test_a_call_that_writes_is_made_only_as_the_person_says(study: Study) -> None:
    tool = ScriptedTool("write", writes=True)
    study.has(tool)
    asked = []

    def decide(use: Any) -> Decision:
        asked.append((use.name, dict(use.arguments), len(tool.calls)))
        return decisions.pop(0)

    decisions = [
        Decision(approved=True),
        Decision(approved=True, arguments={"text": "better"}),
        Decision(approved=True, arguments={"wrong": 1}),
        Decision(approved=False, reason="not today"),
    ]
    study.says(Reply(tool_calls=tuple(call("write", number=at) for at in range(4))), ANSWER)
    answer = study.ask(decide=decide)
    assert asked == [("write", {"text": "hello"}, done) for done in (0, 1, 2, 2)]
    assert [arguments["text"] for arguments, _ in tool.calls] == ["hello", "better"]
    assert [use.state for use in answer.tools] == ["done", "done", "failed", "rejected"]
    assert answer.tools[1].proposed == {"text": "hello"}
    said = study.told()
    assert 'The person changed the arguments to {"text": "better"}' in said[1]
    assert "did not agree: not today" in said[3]


def test_where_nobody_can_be_asked_nothing_is_written(study: Study) -> None:
    tool = ScriptedTool("write", writes=True)
    study.has(tool)
    study.says(Reply(tool_calls=(call("write"),)), ANSWER)
    answer = study.ask()
    assert (states(answer.tools), tool.calls) == ([("write", "rejected")], [])
    assert "nobody can be asked here" in study.told()[0]


def test_nobody_is_asked_about_a_call_that_cannot_be_made(study: Study) -> None:
    study.has(ScriptedTool("write", writes=True))
    study.says(Reply(tool_calls=(call("write", '{"text": 3}'),)), ANSWER)
    answer = study.ask(decide=lambda _: 1 / 0)  # type: ignore[arg-type, return-value]
    assert states(answer.tools) == [("write", "failed")]


def test_a_tool_that_writes_all_at_once_is_not_called_unasked(study: Study) -> None:
    class Changing(ScriptedTool):
        looked = 0

        def __getattribute__(self, name: str) -> Any:
            if name != "writes":
                return super().__getattribute__(name)
            Changing.looked += 1
            return Changing.looked > 1  # it was configured otherwise since the model asked for it

    tool = Changing()
    study.has(tool)
    study.says(Reply(tool_calls=(call(),)), ANSWER)
    answer = study.ask(decide=lambda _: Decision(approved=True))
    assert (states(answer.tools), tool.calls) == ([("echo", "failed")], [])
    assert "writes now" in study.told()[0]


def test_an_answer_waits_and_goes_on_with_what_was_said(study: Study) -> None:
    tool, reads = (
        ScriptedTool("write", writes=True),
        ScriptedTool(does=lambda *_: ToolResult("x", {}, (passage(TRAVEL),), "y")),
    )
    study.has(tool, reads)
    study.says(Reply("There are 28 days of leave [1].", tool_calls=(call(), call("write", number=2))))
    waiting = study.ask(decide=later)
    assert (waiting.state, waiting.text) == ("waiting", "There are 28 days of leave [1].")
    assert states(waiting.tools) == [("echo", "done"), ("write", "waiting")]
    assert tool.calls == []
    uses = (waiting.tools[0], replace(waiting.tools[1], state="approved"))
    study.says(Reply("Done. Hotels are paid up to 140 euros a night [2]."))
    events = study.events(so_far=SoFar(waiting.text, waiting.citations, uses))
    answer = events[-1].answer
    assert [use.state for use in answer.tools] == ["done", "done"]
    assert len(tool.calls) == len(reads.calls) == 1
    assert answer.text == f"{waiting.text}\n\nDone. Hotels are paid up to 140 euros a night [2]."
    assert [one.number for one in answer.citations] == [1, 2]
    for citation in answer.citations:
        start, end = citation.statement or (0, 0)
        assert answer.text[start:end].endswith(f"[{citation.number}].")
        assert citation.verified
    body = study.model.asked[-1].body
    assert [message["role"] for message in body["messages"]] == ["system", "user", "assistant", "tool", "tool"]
    assert "[3] <document" in body["messages"][1]["content"]  # 1 and 2 stand for something already


def test_what_was_approved_is_not_done_when_the_right_is_gone(study: Study) -> None:
    tool = ScriptedTool("write", writes=True, groups=frozenset({"hr"}))
    study.has(tool)
    member = User("ann", frozenset({"everyone", "hr"}))
    study.says(Reply(tool_calls=(call("write"),)))
    waiting = study.ask(member, decide=later)
    uses = (replace(waiting.tools[0], state="approved"),)
    study.has(tool, ScriptedTool())
    study.says(Reply("It was not done."))
    answer = study.ask(STAFF, so_far=SoFar("", (), uses))
    assert (states(answer.tools), tool.calls) == ([("write", "failed")], [])


def test_what_a_tool_found_is_left_out_where_it_may_not_be_read_any_more(study: Study) -> None:
    study.has(
        ScriptedTool("write", writes=True),
        ScriptedTool(does=lambda *_: ToolResult("140 euros", {}, (passage(TRAVEL),))),
    )
    study.says(Reply(tool_calls=(call(), call("write", number=2))))
    waiting = study.ask(decide=later)
    study.library.put(make_document("travel.md", TRAVEL.text, readers=("hr",)))
    stored = replace(waiting.tools[0], passages=(replace(passage(TRAVEL), text=""),))
    study.says(Reply("I cannot say."))
    study.ask(so_far=SoFar("", (), (stored, replace(waiting.tools[1], state="rejected"))))
    assert "140" not in "".join(study.told())
    assert "may not be read any more" in study.told()[0]


def test_a_call_that_reaches_out_is_asked_about_though_it_changes_nothing(study: Study) -> None:
    tool = ScriptedTool("look_up", reaches_out=True)
    study.has(tool, ScriptedTool())
    study.says(Reply(tool_calls=(call("look_up"), call(number=2))), ANSWER)
    answer = study.ask()
    assert states(answer.tools) == [("look_up", "rejected"), ("echo", "done")]
    assert [use.asks for use in answer.tools] == [True, False]
    assert tool.calls == []
    study.says(Reply(tool_calls=(call("look_up"),)), ANSWER)
    assert states(study.ask(decide=lambda _: Decision(approved=True)).tools) == [("look_up", "done")]
    assert len(tool.calls) == 1


def test_a_tool_that_reaches_out_all_at_once_is_not_called_unasked(study: Study) -> None:
    class Turning(ScriptedTool):
        looked = 0

        def __getattribute__(self, name: str) -> Any:
            if name != "reaches_out":
                return super().__getattribute__(name)
            Turning.looked += 1
            return Turning.looked > 2  # whether it says so, and what: when the call is noted; then it is another tool

    tool = Turning()
    study.has(tool)
    study.says(Reply(tool_calls=(call(),)), ANSWER)
    answer = study.ask()
    assert (states(answer.tools), tool.calls) == ([("echo", "failed")], [])
    assert "reaches out now" in study.told()[0]


def test_what_was_agreed_to_as_reaching_out_does_not_write_later(study: Study) -> None:
    tool = ScriptedTool("look_up", reaches_out=True)
    study.has(tool)
    study.says(Reply(tool_calls=(call("look_up"),)))
    waiting = study.ask(decide=later)
    assert states(waiting.tools) == [("look_up", "waiting")]
    tool.writes = True
    study.says(ANSWER)
    agreed = SoFar(waiting.text, waiting.citations, (replace(waiting.tools[0], state="approved"),))
    answer = study.events(so_far=agreed)[-1].answer
    assert (states(answer.tools), tool.calls) == ([("look_up", "failed")], [])
