"""An answer ends where its person may not read any more what it rests on, and what makes it is let go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from assistant.answer import GuardedAnswerer
from assistant.errors import RightsLostError
from assistant.types import (
    Answer,
    AnswerDone,
    AnswerEvent,
    CitationsReady,
    ContextPlan,
    DocumentRef,
    PlannedDocument,
    PlanReady,
    Question,
    SoFar,
    TextDelta,
    ToolFinished,
    ToolUse,
    Usage,
    User,
)

ANN = User("ann", frozenset({"hr"}))
REF = DocumentRef("s", "a", "1", "a", "", "text/plain")
PLAN = ContextPlan("documents", "", 10, 5, documents=(PlannedDocument(REF, 5),))
DONE = AnswerDone(Answer("One two.", True, (), PLAN, "m", Usage(1, 1), {}))
EVENTS: tuple[AnswerEvent, ...] = (PlanReady(PLAN), TextDelta("One "), TextDelta("two."), CitationsReady(()), DONE)


class Scripted:
    """Makes these events; `closed` where it was let go."""

    def __init__(self, *events: AnswerEvent) -> None:
        self.events, self.closed = events, False

    def models(self, user: User) -> tuple[str, ...]:
        return ("m",)

    def choices(self, user: User) -> tuple[str, ...]:
        return ("m", "n")

    def stream(self, question: Question, user: User, **_: Any) -> Iterator[AnswerEvent]:
        try:
            yield from self.events
        finally:
            self.closed = True


class Door:
    """Lets people read some documents."""

    def __init__(self, *names: str) -> None:
        self.open = set(names)

    def readable(self, document_ids: Iterable[str], user: User) -> dict[str, None]:
        return dict.fromkeys(one for one in document_ids if one in self.open)


def guarded(answering: Scripted, door: Door) -> GuardedAnswerer:
    return GuardedAnswerer(answering, door, lambda user: user)  # type: ignore[arg-type]


def test_events_come_through_as_they_are() -> None:
    answerer = guarded(Scripted(*EVENTS), Door(REF.id))
    assert tuple(answerer.stream(Question("?"), ANN)) == EVENTS
    assert answerer.ask(Question("?"), ANN) == DONE.answer
    assert (answerer.models(ANN), answerer.choices(ANN)) == (("m",), ("m", "n"))


@pytest.mark.parametrize("after", [1, 3, 4])
def test_it_ends_before_what_comes_next(after: int) -> None:
    scripted, door = Scripted(*(one for one in EVENTS if not isinstance(one, TextDelta) or after > 1)), Door(REF.id)
    stream = guarded(scripted, door).stream(Question("?"), ANN)
    for _ in range(after):
        next(stream)
    door.open.clear()
    with pytest.raises(RightsLostError):
        next(stream)
    assert scripted.closed
    assert list(stream) == []


def test_what_a_tool_told_of_counts_and_what_there_was_before() -> None:
    use = ToolUse("1", "search", {}, documents=("x",))
    scripted = Scripted(PlanReady(PLAN), ToolFinished(use), *EVENTS[1:])
    with pytest.raises(RightsLostError):
        list(guarded(scripted, Door(REF.id)).stream(Question("?"), ANN))
    assert list(guarded(scripted, Door(REF.id, "x")).stream(Question("?"), ANN))
    with pytest.raises(RightsLostError):
        list(guarded(Scripted(*EVENTS), Door(REF.id)).stream(Question("?"), ANN, so_far=SoFar(tools=(use,))))


def test_it_is_let_go_where_the_client_leaves() -> None:
    scripted = Scripted(*EVENTS)
    stream = guarded(scripted, Door(REF.id)).stream(Question("?"), ANN)
    next(stream)
    stream.close()
    assert scripted.closed
