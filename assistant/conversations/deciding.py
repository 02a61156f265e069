"""What a person says to a call that waits, and the answer that goes on with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.conversations.shown import ShownTurn
from assistant.conversations.stored import clean, cleaned_arguments, uses_of
from assistant.errors import NotFoundError, ToolError
from assistant.types import Decision, SoFar, ToolUse, User

_CLOSED = "were written from documents that may not be read any more"
CheckCall = Callable[[User, str, Mapping[str, Any]], Mapping[str, Any]]  # as `agent.check_call` does


def no_tools(user: User, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse a call, as there are no tools here."""
    del user, arguments
    raise ToolError(f"there is no tool {name!r} here", "reject the call")


def later(use: ToolUse) -> None:
    """Let the answer wait for the person."""
    del use


def decided_row(turn: ShownTurn, call: str, decision: Decision, user: User, check: CheckCall) -> dict[str, Any]:
    """Return what is stored of a decision.

    Args:
        turn: as the person may read it now.
        call: which of its calls.
        decision: what the person says.
        user: the person.
        check: says whether the call can be made.

    Raises:
        NotFoundError: the turn has no such call.
        ToolError: the call cannot be made with the person's arguments, or the person may not use the tool, or not
            read any more what the arguments were written from.
    """
    use, seen = _named(uses_of(turn.record.answer), call), _named(turn.tools, call)
    if not decision.approved:
        return {"state": "rejected", "reason": clean(decision.reason)}
    if decision.arguments is None and seen.arguments != use.arguments:  # nobody agrees to what they do not see
        raise ToolError(f"the arguments of {use.name} {_CLOSED}", "reject the call, and ask again")
    given = use.arguments if decision.arguments is None else decision.arguments
    arguments = cleaned_arguments(check(user, use.name, given))
    if arguments == use.arguments:
        return {"state": "approved"}
    return {"state": "approved", "arguments": arguments, "proposed": use.arguments}


def so_far(shown: ShownTurn) -> SoFar:
    """Return what an answer goes on with: what the person may read of its calls, and its text where that is all."""
    tools = tuple(map(_going_on, uses_of(shown.record.answer), shown.tools))
    if shown.withdrawn or shown.hidden:
        return SoFar(tools=tools)
    citations = tuple(one.citation for one in shown.citations if one.citation is not None)
    return SoFar(shown.record.text, citations, tools)


def _going_on(use: ToolUse, seen: ToolUse) -> ToolUse:
    """Return a call as the model is told of it; one that was agreed to is made with words of the person's only."""
    if seen == use or use.state != "approved":
        return seen
    if use.proposed is not None or not use.arguments:
        return replace(use, proposed=None)
    return replace(seen, state="failed", error=f"its arguments {_CLOSED}")


def _named(uses: Sequence[ToolUse], call: str) -> ToolUse:
    for use in uses:
        if use.id == call:
            return use
    raise NotFoundError(f"the turn has no call {call!r}", "load the conversation again")
