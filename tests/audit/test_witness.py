"""What of an answer is recorded before it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assistant.answer.witnessed import witnessed
from assistant.audit import AnswerWitness, Recorder
from assistant.catalog import Act, Head
from assistant.types import (
    AnswerEvent,
    ApprovalWanted,
    ContextPlan,
    DocumentRef,
    PlannedDocument,
    PlanReady,
    TextDelta,
    ToolFinished,
    ToolStarted,
    ToolUse,
    User,
)

ANN = User("ann", frozenset({"everyone"}))
REF = DocumentRef("s", "a.txt", "1", "a", "file:///a", "text/plain")


class ListLog:
    def __init__(self) -> None:
        self.acts: list[Act] = []

    def append(self, acts: Any) -> Head:
        self.acts += acts
        return Head()


@pytest.fixture
def log() -> ListLog:
    return ListLog()


@pytest.fixture
def recorder(log: ListLog) -> Iterator[Recorder]:
    recorder = Recorder(log)
    yield recorder
    recorder.close()


def test_documents_are_recorded_before_the_plan_goes_on(log: ListLog, recorder: Recorder) -> None:
    plan = ContextPlan("documents", "", 10, 5, documents=(PlannedDocument(REF, 5),), left_out=())
    events = witnessed(iter([PlanReady(plan), TextDelta("x")]), ANN, AnswerWitness(recorder))
    assert log.acts == []
    next(events)
    assert [(act.action, act.who, act.documents) for act in log.acts] == [
        ("documents read for an answer", "ann", (REF.id,))
    ]
    assert list(events) == [TextDelta("x")]
    assert len(log.acts) == 1


def test_calls_of_tools_are_recorded(log: ListLog, recorder: Recorder) -> None:
    write = ToolUse("c1", "ticket", {"text": "y" * 5000}, writes=True, state="running")
    done = ToolUse("c1", "ticket", {"text": "y"}, writes=True, state="done", documents=("d1",), proposed={"text": "z"})
    look = ToolUse("c2", "lookup", {"text": "a secret wish"}, state="failed", error="no")
    events: list[AnswerEvent] = [
        ApprovalWanted(write),
        ToolStarted(write),
        ToolFinished(done),
        ToolStarted(look),
        ToolFinished(look),
        ToolFinished(ToolUse("c3", "ticket", {}, writes=True, state="rejected")),
    ]
    list(witnessed(iter(events), ANN, AnswerWitness(recorder)))
    told = [(act.action, act.outcome, act.details["call"], act.documents) for act in log.acts]
    assert told == [
        ("tool call waits", "begun", "c1", ()),
        ("tool called", "begun", "c1", ()),
        ("tool called", "done", "c1", ("d1",)),
        ("tool called", "failed", "c2", ()),
        ("tool called", "refused", "c3", ()),
    ]
    assert log.acts[1].details["arguments"]["text"].endswith("… (5000 characters)")
    assert log.acts[2].details["changed_by_person"] is True
    assert "arguments" not in log.acts[3].details  # what was looked for is as private as a question
    recorder.keeps_questions = True
    list(witnessed(iter([ToolFinished(look)]), ANN, AnswerWitness(recorder)))
    assert log.acts[-1].details["arguments"] == {"text": "a secret wish"}
