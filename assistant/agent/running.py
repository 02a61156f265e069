"""Runs calls side by side, each in a thread of its own, and takes what becomes of each: a result or an error."""

from __future__ import annotations

import contextvars
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from assistant.agent.calls import printable
from assistant.errors import AssistantError
from assistant.interfaces import Tool
from assistant.spans import span
from assistant.types import Passage, ToolResult, ToolUse, User

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.2  # how often it is looked whether the person has left
Ended = tuple[int, object, float]


def carry_out(
    calls: Sequence[tuple[Tool, ToolUse]], user: User, seconds: float, is_stopped: Callable[[], bool]
) -> Iterator[ToolUse]:
    """Make the calls at once and yield each as it ends; what raises, hangs or returns no result has failed.

    Args:
        calls: tools with their checked arguments.
        user: for whom.
        seconds: after which a call counts as failed. Its thread cannot be ended: what it does, it may still do.
        is_stopped: whether nobody waits for the results any more.
    """
    ended: queue.SimpleQueue[Ended] = queue.SimpleQueue()
    started = time.monotonic()
    for number, (tool, use) in enumerate(calls):
        context = contextvars.copy_context()
        work = threading.Thread(
            target=context.run, args=(_call, tool, use, user, number, ended), name=f"tool-{use.name}", daemon=True
        )
        work.start()
    left = dict(enumerate(use for _, use in calls))
    while left:
        rest = seconds - (time.monotonic() - started)
        if rest <= 0 or is_stopped():
            break
        try:
            number, outcome, took = ended.get(timeout=min(rest, _LOOK_SECONDS))
        except queue.Empty:
            continue
        yield _taken(left.pop(number), outcome, took)
    why = "the answer was stopped" if is_stopped() else f"it took longer than {seconds:g} seconds"
    for use in left.values():
        log.warning("the tool %s was not waited for: %s", use.name, why)
        doubt = "; whether it was done is not known" if use.writes else ""
        yield replace(use, state="failed", error=f"{why}{doubt}", seconds=time.monotonic() - started)


def _call(tool: Tool, use: ToolUse, user: User, number: int, ended: queue.SimpleQueue[Ended]) -> None:
    started = time.monotonic()
    outcome: object
    try:
        known = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": use.name}
        with span(f"execute_tool {use.name}", known):
            outcome = tool.run(dict(use.arguments), user)
    except BaseException as error:  # noqa: BLE001 (a tool may raise anything; the model is told)
        outcome = error
    ended.put((number, outcome, time.monotonic() - started))


def _taken(use: ToolUse, outcome: object, seconds: float) -> ToolUse:
    if isinstance(outcome, AssistantError):
        return replace(use, state="failed", error=printable(str(outcome)), seconds=seconds)
    if isinstance(outcome, BaseException):
        log.error("the tool %s failed", use.name, exc_info=outcome)
        return replace(use, state="failed", error=f"the tool failed: {type(outcome).__name__}", seconds=seconds)
    if not _is_result(outcome):
        log.error("the tool %s returned a %s and no result", use.name, type(outcome).__name__)
        return replace(use, state="failed", error="the tool returned nothing that can be used", seconds=seconds)
    return replace(
        use,
        state="done",
        text=printable(outcome.told or outcome.text),
        told=bool(outcome.told),
        passages=tuple(outcome.passages),
        documents=tuple(outcome.documents),
        seconds=seconds,
    )


def _is_result(outcome: object) -> TypeGuard[ToolResult]:
    return (
        isinstance(outcome, ToolResult)
        and isinstance(outcome.text, str)
        and isinstance(outcome.told, str)
        and isinstance(outcome.passages, tuple)
        and all(isinstance(one, Passage) for one in outcome.passages)
    )
