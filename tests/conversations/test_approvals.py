"""Calls that write wait for their person: kept, decided once, made with the rights of that moment."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest

from assistant.agent import ToolAgent
from assistant.answer import Answerer, WrittenAnswerer
from assistant.conversations import WITHDRAWN, ShownTurn
from assistant.errors import AlreadyDecidedError, ConversationBusyError, NotFoundError, ToolError
from assistant.herd import Herd, Member
from assistant.types import Decision, ModelProfile, Passage, Question, ToolResult, User
from tests.conversations.conftest import ANN, BOB, Office
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script, in_turn
from tests.fakes.tools import ScriptedTool, call

YES = Decision(approved=True)


@dataclass
class Desk:
    """What the tests look at."""

    office: Office
    model: FakeChatModel
    tool: ScriptedTool

    def waiting(self, *replies: Reply) -> tuple[str, ShownTurn]:
        """Ask, and return when a call waits; what the model says afterwards are `replies`."""
        first = Reply("I will.", tool_calls=(call("write"),))
        self.model.script = Script(in_turn(first, *(replies or (Reply("It is done."),))))
        conversation, turn = self.office.begin("Please write hello")
        assert turn.record.state == "waiting"
        return conversation, turn

    def decide(self, conversation: str, turn: ShownTurn, decision: Decision, user: User = ANN) -> None:
        self.office.desk.decide(user, conversation, turn.record.id, turn.tools[0].id, decision)


@pytest.fixture
def desk(office: Office) -> Desk:
    tool, model, system = ScriptedTool("write", writes=True), FakeChatModel(), office.system
    system.registry.add_tool(tool)
    herd = Herd([Member(ModelProfile("scripted", frozenset({"answer"})), model)])
    agent = ToolAgent(system.registry.tools_for, system.library, b"k" * 32)
    system.answerer = WrittenAnswerer(
        Answerer(system.retriever, system.library, system.embedder),
        system.retriever,
        system.library,
        herd,
        system.catalog.token_counts,
        b"k" * 32,
        agent=agent,
    )
    return Desk(office, model, tool)


def test_an_approved_call_is_made_and_the_answer_goes_on(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    assert (turn.record.text, turn.record.finished_at, desk.tool.calls) == ("I will.", None, [])
    assert [(use.name, use.state, use.arguments) for use in turn.tools] == [("write", "waiting", {"text": "hello"})]
    desk.decide(conversation, turn, YES)
    done = desk.office.answered(conversation, turn.record.id)
    assert (done.record.state, done.record.text) == ("complete", "I will.\n\nIt is done.")
    assert desk.tool.calls == [({"text": "hello"}, ANN)]
    assert [(use.state, use.text) for use in done.tools] == [("done", "You said hello.")]


def test_a_person_may_change_the_arguments(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    with pytest.raises(ToolError, match="argument text"):
        desk.decide(conversation, turn, Decision(approved=True, arguments={"text": 3}))
    assert desk.office.desk.turn(ANN, conversation, turn.record.id).record.state == "waiting"
    desk.decide(conversation, turn, Decision(approved=True, arguments={"text": "good morning"}))
    done = desk.office.answered(conversation, turn.record.id)
    assert [arguments for arguments, _ in desk.tool.calls] == [{"text": "good morning"}]
    assert (done.tools[0].arguments, done.tools[0].proposed) == ({"text": "good morning"}, {"text": "hello"})


def test_a_rejected_call_is_not_made_and_the_model_is_told_why(desk: Desk) -> None:
    conversation, turn = desk.waiting(Reply("As you wish."))
    desk.decide(conversation, turn, Decision(approved=False, reason="too early"))
    done = desk.office.answered(conversation, turn.record.id)
    assert (desk.tool.calls, done.tools[0].state, done.tools[0].reason) == ([], "rejected", "too early")
    assert "did not agree: too early" in desk.model.asked[-1].prompt
    assert done.record.text.endswith("As you wish.")


def test_two_clicks_are_one_call(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    ready, refused = threading.Barrier(4), []

    def click() -> None:
        ready.wait()
        try:
            desk.decide(conversation, turn, YES)
        except AlreadyDecidedError as error:
            refused.append(error)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    desk.office.answered(conversation, turn.record.id)
    assert (len(desk.tool.calls), len(refused)) == (1, 3)
    with pytest.raises(AlreadyDecidedError):
        desk.decide(conversation, turn, YES)


def test_nobody_else_decides_not_even_an_admin(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    with pytest.raises(NotFoundError):
        desk.decide(conversation, turn, YES, BOB)
    with pytest.raises(NotFoundError):
        desk.office.desk.decide(ANN, conversation, turn.record.id, "call99001", YES)
    assert desk.tool.calls == []


def test_a_call_waits_over_a_restart(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    system = desk.office.system
    system.conversations.close()
    system.conversations = system.new_desk()
    again = system.conversations.turn(ANN, conversation, turn.record.id)
    assert (again.record.state, again.tools[0].state) == ("waiting", "waiting")
    desk.decide(conversation, again, YES)
    assert desk.office.answered(conversation, turn.record.id).record.state == "complete"
    assert len(desk.tool.calls) == 1


def test_what_was_under_way_when_a_process_died_is_not_done_again(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    table = desk.office.system.catalog.conversations
    approved = {"state": "approved"}
    left = table.decide(ANN, conversation, turn.record.id, turn.tools[0].id, approved, lease_seconds=30)
    assert left.state == "answering"
    with pytest.raises(AlreadyDecidedError):
        desk.decide(conversation, turn, YES)
    other, turn = desk.waiting()
    table.decide(ANN, other, turn.record.id, turn.tools[0].id, approved, lease_seconds=-1)  # and the process is gone
    lost = desk.office.desk.turn(ANN, other, turn.record.id)
    assert (lost.record.state, lost.tools[0].state, desk.tool.calls) == ("interrupted", "approved", [])
    with pytest.raises(AlreadyDecidedError):
        desk.decide(other, turn, YES)


def test_rights_that_were_taken_away_hold(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    desk.tool.groups = frozenset({"board"})
    with pytest.raises(ToolError, match="no tool 'write' for this user"):
        desk.decide(conversation, turn, YES)
    desk.decide(conversation, turn, Decision(approved=False))
    done = desk.office.answered(conversation, turn.record.id)
    assert (done.tools[0].state, desk.tool.calls) == ("rejected", [])


def test_a_waiting_call_can_be_stopped_for_good(desk: Desk) -> None:
    conversation, turn = desk.waiting()
    desk.office.desk.stop(ANN, conversation, turn.record.id)
    assert desk.office.desk.turn(ANN, conversation, turn.record.id).record.state == "stopped"
    with pytest.raises(AlreadyDecidedError):
        desk.decide(conversation, turn, YES)
    assert desk.tool.calls == []


def test_one_may_go_on_while_a_call_waits(desk: Desk) -> None:
    conversation, turn = desk.waiting(Reply("It is raining."), Reply("It is done."))
    other = desk.office.go_on(conversation, "And the weather?")
    assert other.record.text == "It is raining."
    desk.decide(conversation, turn, YES)
    assert desk.office.answered(conversation, turn.record.id).record.state == "complete"
    assert len(desk.tool.calls) == 1


def test_nothing_is_decided_while_another_question_is_answered(desk: Desk) -> None:
    slow = Reply("It is " + "raining " * 40, piece_seconds=0)
    conversation, turn = desk.waiting(slow)
    going, let_go = threading.Event(), threading.Event()

    def hang(*_: object) -> ToolResult:
        going.set()
        let_go.wait(60)
        return ToolResult("late")

    desk.office.system.registry.add_tool(ScriptedTool("hang", hang))
    desk.model.script = Script(in_turn(Reply(tool_calls=(call("hang"),)), Reply("It is raining.")))
    busy = desk.office.desk.go_on(ANN, conversation, Question("And the weather?"))
    assert going.wait(30)
    with pytest.raises(ConversationBusyError):
        desk.decide(conversation, turn, YES)
    let_go.set()
    desk.office.answered(conversation, busy.id)
    assert desk.office.desk.turn(ANN, conversation, turn.record.id).tools[0].state == "waiting"


def test_results_that_may_not_be_read_any_more_are_withdrawn(desk: Desk) -> None:
    library = desk.office.system.library
    document = library.read("s", "salary.txt", ANN)

    def find(*_: object) -> ToolResult:
        return ToolResult("4,310 euros", {}, (Passage(document.ref, 0, 28, document.text[:28]),))

    desk.office.system.registry.add_tool(ScriptedTool("find", find))
    desk.model.script = Script(in_turn(Reply(tool_calls=(call("find"),)), Reply("A lot.")))
    conversation, turn = desk.office.begin("What is paid?")
    assert turn.tools[0].text == "4,310 euros"
    assert turn.tools[0].passages[0].text == ""  # places are stored, and no text
    desk.office.change("salary.txt", readers=("board",))
    (shown,) = desk.office.desk.get(ANN, conversation).turns
    assert (shown.tools[0].text, shown.tools[0].passages) == (WITHDRAWN, ())
    assert "A lot" not in shown.record.text


def test_arguments_that_the_model_wrote_from_what_is_closed_now_are_withdrawn_and_not_agreed_to_unseen(
    desk: Desk,
) -> None:
    other = ScriptedTool("mail", writes=True)
    desk.office.system.registry.add_tool(other)
    paid = '{"text": "Grade K7 is paid 4,310 euros"}'
    desk.model.script = Script(
        in_turn(Reply(tool_calls=(call("write", paid), call("mail", paid, number=2))), Reply("Not done."))
    )
    conversation, turn = desk.office.begin("Write what grade K7 is paid")
    desk.decide(conversation, turn, YES)  # and the second one waits still
    desk.office.change("salary.txt", readers=("board",))
    (shown,) = desk.office.desk.get(ANN, conversation).turns
    assert [(use.arguments, use.text) for use in shown.tools] == [({}, WITHDRAWN)] * 2
    with pytest.raises(ToolError, match="may not be read any more"):
        desk.office.desk.decide(ANN, conversation, turn.record.id, shown.tools[1].id, YES)
    own = Decision(approved=True, arguments={"text": "ask the board"})
    desk.office.desk.decide(ANN, conversation, turn.record.id, shown.tools[1].id, own)
    done = desk.office.answered(conversation, turn.record.id)
    assert [use.state for use in done.tools] == ["failed", "done"]
    assert (desk.tool.calls, [arguments for arguments, _ in other.calls]) == ([], [{"text": "ask the board"}])
    assert "4,310" not in desk.model.asked[-1].prompt


def test_what_was_said_before_a_call_waited_rests_on_what_was_read_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = desk.office.system
    conversation, turn = desk.waiting()
    assert turn.plan is not None
    assert "salary.txt" in {one.passage.ref.key for one in turn.plan.passages}
    search = system.retriever.search
    others = lambda *given: [one for one in search(*given) if one.ref.key != "salary.txt"]  # noqa: E731
    monkeypatch.setattr(system.retriever, "search", others)
    desk.decide(conversation, turn, YES)
    done = desk.office.answered(conversation, turn.record.id)
    assert done.plan is not None
    assert {one.passage.ref.key for one in done.plan.passages} == {"travel.txt"}
    assert done.record.text == "I will.\n\nIt is done."
    desk.office.change("salary.txt", readers=("board",))
    (shown,) = desk.office.desk.get(ANN, conversation).turns
    assert (shown.record.text, shown.tools[0].arguments) == (WITHDRAWN, {})
