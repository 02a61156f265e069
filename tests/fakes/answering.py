"""An answerer by script: it writes what a test says, when the test lets it, and keeps what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.access import Library
from assistant.types import (
    Answer,
    AnswerDone,
    AnswerEvent,
    Citation,
    CitationsReady,
    ContextPlan,
    Passage,
    PlannedPassage,
    PlannedPicture,
    PlanReady,
    Question,
    TextDelta,
    Usage,
    User,
)


@dataclass
class ScriptedAnswerer:
    """Answers with the first line of each document of `keys` that the user may read, each cited.

    Attributes:
        library: reads the documents.
        keys: which documents, of the source `s`.
        pictures: what it is shown; it says of each that it saw it, after what it quotes.
        tail: what is said at the end without a citation.
        said: what else it says of its answers.
        error: what is raised after the first piece of text, if anything.
        gate: set: pieces come at once; clear: each waits for it.
        asked: what it was asked.
        closed: how many streams ended before their end.
    """

    library: Library
    keys: tuple[str, ...] = ("travel.txt",)
    pictures: tuple[PlannedPicture, ...] = ()
    tail: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    error: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[Question] = field(default_factory=list)
    closed: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def choices(self, user: User) -> tuple[str, ...]:
        del user
        return ()

    def stream(self, question: Question, user: User, **_: object) -> Iterator[AnswerEvent]:
        self.asked.append(question)
        citations = [self._cited(number, key, user) for number, key in enumerate(self.keys, 1)]
        passages = tuple(PlannedPassage(one.passage, 5) for one in citations)
        plan = ContextPlan("chunks", "by script", 1000, 5 * len(passages), passages, pictures=self.pictures)
        done = False
        try:
            yield PlanReady(plan)
            seen = [f"Seen [{len(citations) + number}]." for number, _ in enumerate(self.pictures, 1)]
            pieces = [f"{one.quote} [{one.number}]" for one in citations] + seen + ([self.tail] if self.tail else [])
            for number, piece in enumerate(pieces):
                yield TextDelta(piece if number == 0 else f" {piece}")
                assert self.gate.wait(300)
                if self.error is not None:
                    raise self.error
            citations += self._seen(len(citations))
            yield CitationsReady(tuple(citations))
            answer = Answer(" ".join(pieces), True, tuple(citations), plan, "script", Usage(5, 7), {"answer": 0.1})
            done = True
            yield AnswerDone(replace(answer, **self.said))
        finally:
            self.closed += not done

    def _seen(self, before: int) -> list[Citation]:
        return [
            Citation(before + n, one.place, "", verified=False, kind=one.kind) for n, one in enumerate(self.pictures, 1)
        ]

    def _cited(self, number: int, key: str, user: User) -> Citation:
        document = self.library.read("s", key, user)
        line = document.text.splitlines()[0]
        return Citation(number, Passage(document.ref, 0, len(line), line), line, verified=True)


class StoppableAnswerer(ScriptedAnswerer):
    """Its streams can be stopped from another thread; they then end as the answer that there is."""

    def stream(self, question: Question, user: User, **_: object) -> Iterator[AnswerEvent]:
        return StoppableStream(self, super().stream(question, user))


class StoppableStream(Iterator[AnswerEvent]):
    """See `StoppableAnswerer`."""

    def __init__(self, answerer: ScriptedAnswerer, events: Iterator[AnswerEvent]) -> None:
        self._answerer, self._events = answerer, events

    def __next__(self) -> AnswerEvent:
        return next(self._events)

    def stop(self) -> None:
        self._answerer.said = {"state": "stopped"}
        self._answerer.gate.set()

    def close(self) -> None:
        self._events.close()  # type: ignore[attr-defined]
