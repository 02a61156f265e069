"""Looks, while an answer is written, whether its person may still read what it rests on; it ends where not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from assistant.access.standing import Now, Reader, Standing, as_given
from assistant.answer.answerer import finished
from assistant.answer.streams import AnswerStream
from assistant.answer.traced import traced
from assistant.types import (
    NOTHING_SO_FAR,
    Answer,
    AnswerEvent,
    ContextPlan,
    Decide,
    PlanReady,
    Question,
    SoFar,
    TextDelta,
    ToolFinished,
    User,
    nobody_to_ask,
)


class Answering(Protocol):
    """What answers: `Answerer` or `WrittenAnswerer`."""

    def models(self, user: User) -> tuple[str, ...]:
        """Return what answers this user."""
        ...

    def choices(self, user: User) -> tuple[str, ...]:
        """Return the models that this user may choose from."""
        ...

    def stream(
        self, question: Question, user: User, *, decide: Decide = nobody_to_ask, so_far: SoFar = NOTHING_SO_FAR
    ) -> Iterator[AnswerEvent]:
        """Return the events."""
        ...


class GuardedAnswerer:
    """Answers as what it is given does, and lets nothing through that its person may not read any more.

    Looked is before each call's result, before the citations and the end, and while text comes every quarter of a
    second: at the documents, at the groups of the person, and whether the account holds.

    Args:
        answering: makes the answers.
        reader: says what may be read.
        now: says who a user is at this moment.
    """

    def __init__(self, answering: Answering, reader: Reader, now: Now) -> None:
        self._answering, self._reader, self._now = answering, reader, now

    def as_given(self) -> GuardedAnswerer:
        """Return the same for users who only play somebody, as evaluations do: they keep the groups they are given."""
        return GuardedAnswerer(self._answering, self._reader, as_given)

    def models(self, user: User) -> tuple[str, ...]:
        """Return what answers this user by itself."""
        return self._answering.models(user)

    def choices(self, user: User) -> tuple[str, ...]:
        """Return the models that this user may choose from."""
        return self._answering.choices(user)

    def stream(
        self, question: Question, user: User, *, decide: Decide = nobody_to_ask, so_far: SoFar = NOTHING_SO_FAR
    ) -> AnswerStream:
        """Return the events of what answers.

        Raises:
            RightsLostError: while they come: something that the answer rests on may not be read any more.
            NotSignedInError: while they come: the account is disabled.
            AssistantError: as what answers does.
        """
        events = self._answering.stream(question, user, decide=decide, so_far=so_far)
        standing = Standing(user, self._reader, self._now)
        for use in so_far.tools:
            standing.told(use.rests_on)
        standing.told(citation.passage.ref.id for citation in so_far.citations if citation.kind != "attachment")
        return _GuardedStream(events, standing, question)

    def ask(self, question: Question, user: User, *, decide: Decide = nobody_to_ask) -> Answer:
        """Return the finished answer; arguments and errors as in `stream`."""
        return finished(self.stream(question, user, decide=decide))


class _GuardedStream(AnswerStream):
    def __init__(self, events: Iterator[AnswerEvent], standing: Standing, question: Question) -> None:
        self._inner = events
        super().__init__(lambda _: traced(_guarded(events, standing), question))

    def stop(self) -> None:
        super().stop()
        if isinstance(self._inner, AnswerStream):
            self._inner.stop()

    def close(self) -> None:
        if isinstance(self._inner, AnswerStream):
            self._inner.close()
        super().close()


def _guarded(events: Iterator[AnswerEvent], standing: Standing) -> Iterator[AnswerEvent]:
    try:
        for event in events:
            if isinstance(event, PlanReady):
                standing.planned(_read_for(event.plan))
            elif isinstance(event, ToolFinished):
                standing.told(event.use.rests_on)
            standing.check(at_once=not isinstance(event, TextDelta))
            yield event
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()


def _read_for(plan: ContextPlan) -> Iterator[str]:
    yield from (one.ref.id for one in plan.documents)
    yield from (one.passage.ref.id for one in plan.passages)
    yield from (one.place.ref.id for one in plan.pictures if one.kind != "attachment")
