"""What a person says to a call that waits, and the answer that goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assistant.conversations.shown import ShownTurn
from assistant.conversations.stored import clean, cleaned_arguments, uses_of
from assistant.errors import NotFoundError, ToolError
from assistant.types import Decision, SoFar, ToolUse, User

CheckCall = Callable[[User, str, Mapping[str, Any]], Mapping[str, Any]]  # as `agent.check_call` does


def no_tools(user: User, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a call, as there are no tools here."""
    del user, arguments
    raise ToolError(f"there is no tool {name!r} here", "reject the call")


def later(use: ToolUse) -> None:
    """Let the answer wait for the person."""
    del use


def decided_row(use: ToolUse, decision: Decision, user: User, check: CheckCall) -> dict[str, Any]:
    """Return what is stored of a decision.

    Raises:
        ToolError: the call cannot be made with the person's arguments, or the person may not use the tool.
    """
    if not decision.approved:
        return {"state": "rejected", "reason": clean(decision.reason)}
    given = use.arguments if decision.arguments is None else decision.arguments
    arguments = cleaned_arguments(check(user, use.name, given))
    if arguments == use.arguments:
        return {"state": "approved"}
    return {"state": "approved", "arguments": arguments, "proposed": use.arguments}


def use_of(answer: Mapping[str, Any], call: str) -> ToolUse:
    """Return a call of a stored answer. Raises NotFoundError."""
    for use in uses_of(answer):
        if use.id == call:
            return use
    raise NotFoundError(f"the turn has no call {call!r}", "load the conversation again")


def so_far(shown: ShownTurn) -> SoFar:
    """Return what an answer goes on with: its calls, and its text where the person may read all that it rests on."""
    tools = uses_of(shown.record.answer)
    if shown.withdrawn or shown.hidden:
        return SoFar(tools=tools)
    citations = tuple(one.citation for one in shown.citations if one.citation is not None)
    return SoFar(shown.record.text, citations, tools)
