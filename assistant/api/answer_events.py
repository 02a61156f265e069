"""The events of an answer as clients get them, as they are counted, and what ends them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.api.context import Context
from assistant.api.events import event as sse
from assistant.conversations.parts import Stoppable
from assistant.telemetry import Metrics
from assistant.types import (
    Answer,
    AnswerDone,
    AnswerEvent,
    ApprovalWanted,
    CitationsReady,
    PlanReady,
    Question,
    SearchTrace,
    TextDelta,
    ToolFinished,
    ToolStarted,
    User,
)
from assistant.wire import AnnouncedJson, AnswerJson, CitationJson, ToolUseJson

_TOOLS = {ToolStarted: "tool_started", ToolFinished: "tool_finished", ApprovalWanted: "approval_wanted"}


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer outside of conversations, which has its place among those that the process writes at once.

    Attributes:
        events: counted as they come; the answer's place is given back after the last one, or when they are closed.
        leave: stops a model that is still writing.
        end: has to be called when nobody wants events any more: it gives the place back where nobody ever did.
    """

    events: Iterator[AnswerEvent]
    leave: Callable[[], None]
    end: Callable[[], None]


def answered(context: Context, asked: Callable[[], Question], user: User) -> Answered:
    """Return an answer that begins when its first event is wanted.

    Args:
        context: the assistant.
        asked: returns the question, when the first event is wanted.
        user: who asks.

    Raises:
        ModelOverloadedError: as many answers are under way as the process writes at once.
    """
    give_back = context.app.conversations.room.take()
    stops: list[Callable[[], None]] = []
    begun, left = threading.Event(), threading.Event()

    def events() -> Iterator[AnswerEvent]:
        begun.set()
        try:
            stream = context.app.answerer.stream(asked(), user)
            if isinstance(stream, Stoppable):
                stops.append(stream.stop)
                if left.is_set():  # before there was what could be stopped
                    stream.stop()
            for event in stream:
                count(event, context.metrics)
                yield event
        finally:
            give_back()

    def leave() -> None:
        left.set()
        for stop in stops:
            stop()

    def end() -> None:
        if not begun.is_set():
            give_back()

    return Answered(events(), leave, end)


def sent(event: AnswerEvent) -> str:
    """Return the event as a server-sent one."""
    match event:
        case PlanReady():
            return sse("plan", AnnouncedJson.announced(event).model_dump())
        case TextDelta(text):
            return sse("text", {"delta": text})
        case ToolStarted(use) | ToolFinished(use) | ApprovalWanted(use):
            return sse(_TOOLS[type(event)], ToolUseJson.of(use).model_dump())
        case CitationsReady(citations):
            return sse("citations", {"citations": [CitationJson.of(citation).model_dump() for citation in citations]})
        case AnswerDone(answer):
            return sse("usage", AnswerJson.of(answer).model_dump(exclude={"citations", "plan"}))


def count(event: AnswerEvent, metrics: Metrics) -> None:
    """Count what the event says, once an answer."""
    if isinstance(event, CitationsReady):
        for citation in event.citations:
            metrics.citations.labels(str(citation.verified).lower()).inc()
    elif isinstance(event, ToolFinished | ApprovalWanted):
        use = event.use
        made_up = use.state == "failed" and not use.seconds  # it was never begun: any name that a model wrote
        metrics.tool_calls.labels("" if made_up else use.name, use.state).inc()
    elif isinstance(event, AnswerDone):
        _count_answer(event.answer, metrics)


def count_search(trace: SearchTrace, metrics: Metrics) -> None:
    """Count a search, and what its stages took where they ran."""
    metrics.searches.labels(str(trace.cached).lower()).inc()
    if not trace.cached:
        for stage in trace.stages:
            metrics.retrieval_seconds.labels(stage.name).observe(stage.milliseconds / 1000)


def _count_answer(answer: Answer, metrics: Metrics) -> None:
    metrics.answers.labels(answer.plan.mode, str(answer.found).lower()).inc()
    metrics.endings.labels(answer.state, str(answer.fallback).lower()).inc()
    for stage, seconds in answer.timings.items():
        metrics.stage_seconds.labels(stage).observe(seconds)
    for stage, until in (("first", "first"), ("answer", "end")):
        if stage in answer.timings:
            metrics.model_seconds.labels(answer.model, until).observe(answer.timings[stage])
    usage = answer.usage
    for kind, number in (
        ("prompt", usage.prompt_tokens),
        ("cached", usage.cached_tokens),
        ("completion", usage.completion_tokens),
    ):
        metrics.tokens.labels(answer.model, kind).inc(number or 0)
