"""The events of an answer as clients get them, and as they are counted."""

from __future__ import annotations

from assistant.api.events import event as sse
from assistant.telemetry import Metrics
from assistant.types import AnswerDone, AnswerEvent, CitationsReady, PlanReady, TextDelta
from assistant.wire import AnswerJson, CitationJson, PlanJson


def sent(event: AnswerEvent) -> str:
    """Return the event as a server-sent one."""
    match event:
        case PlanReady(plan):
            return sse("plan", PlanJson.of(plan).model_dump())
        case TextDelta(text):
            return sse("text", {"delta": text})
        case CitationsReady(citations):
            return sse("citations", {"citations": [CitationJson.of(citation).model_dump() for citation in citations]})
        case AnswerDone(answer):
            fields = {"answer", "found", "usage", "model", "timings"}
            return sse("usage", AnswerJson.of(answer).model_dump(include=fields))


def count(event: AnswerEvent, metrics: Metrics) -> None:
    """Count what the event says, once an answer."""
    if isinstance(event, CitationsReady):
        for citation in event.citations:
            metrics.citations.labels(str(citation.verified).lower()).inc()
    elif isinstance(event, AnswerDone):
        metrics.answers.labels(event.answer.plan.mode, str(event.answer.found).lower()).inc()
