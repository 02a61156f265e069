"""Makes one span of an answer, from its first event to its last, for whoever traces it."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

from assistant.spans import Span, is_traced, span
from assistant.types import Answer, AnswerDone, AnswerEvent, ContextPlan, Question


def traced(events: Iterator[AnswerEvent], question: Question) -> Iterator[AnswerEvent]:
    """Return the events; what makes them lies within the span, and what takes them does not.

    Args:
        events: of one answer.
        question: its text is taken down only where the operator wants that.
    """
    return _traced(events, question) if is_traced() else events


def _traced(events: Iterator[AnswerEvent], question: Question) -> Iterator[AnswerEvent]:
    # A context of its own, in which each event is made: between two of them a generator may change the thread, and what
    # it sets in the context there is would be found by whoever takes the events.
    within = copy_context().run
    opened = span("answer", {"assistant.answer.wanted": question.mode})
    current = within(opened.__enter__)
    current.content("assistant.question", lambda: question.text)
    try:
        while (event := within(next, events, None)) is not None:
            _tell(current, event)
            yield event
    except BaseException as error:
        within(opened.__exit__, type(error), error, None)
        raise
    else:
        within(opened.__exit__, None, None, None)
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            within(close)


def _tell(current: Span, event: AnswerEvent) -> None:
    if isinstance(event, AnswerDone):
        _tell_answer(current, event.answer)


def _tell_answer(current: Span, answer: Answer) -> None:
    tell_plan(current, answer.plan)
    current.set("assistant.answer.state", answer.state)
    current.set("assistant.answer.found", answer.found)
    current.set("assistant.answer.fallback", answer.fallback)
    current.set("assistant.answer.model", answer.model)
    current.set("assistant.answer.citations", len(answer.citations))
    current.set("assistant.answer.citations_verified", sum(one.verified for one in answer.citations))
    current.set("assistant.answer.marks_dropped", answer.dropped)
    current.set("assistant.answer.tool_calls", len(answer.tools))
    current.content("assistant.answer.text", lambda: answer.text)


def tell_plan(current: Span, plan: ContextPlan) -> None:
    """Say how a plan came out, without its reason: that may name documents."""
    current.set("assistant.plan.mode", plan.mode)
    current.set("assistant.plan.budget", plan.budget)
    current.set("assistant.plan.tokens", plan.tokens)
    current.set("assistant.plan.passages", len(plan.passages))
    current.set("assistant.plan.documents", len(plan.documents))
    current.set("assistant.plan.left_out", len(plan.left_out))
    current.set("assistant.plan.pictures", len(plan.pictures))
