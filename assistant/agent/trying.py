"""One call of a tool that a person asks for, without a model: to see what it says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.agent.calls import check_call
from assistant.errors import ToolError
from assistant.interfaces import Tool
from assistant.registry import reaches_out
from assistant.types import User


@dataclass(frozen=True, slots=True)
class TriedCall:
    """What a call said, and how long it took."""

    text: str
    seconds: float


def try_call(
    tools: Mapping[str, Tool], name: str, arguments: Mapping[str, Any], user: User, *, agreed: bool
) -> TriedCall:
    """Call a tool with a person's own arguments and rights.

    Args:
        tools: those that the user may use, by name.
        name, arguments: of the call.
        user: for whom.
        agreed: whether the person agreed to it, where it changes something or its arguments leave the machine.

    Raises:
        ToolError: there is no such tool for this user, the arguments do not fit, or it cannot be done.
    """
    checked = check_call(tools, name, arguments)
    tool = tools[name]
    if (tool.writes or reaches_out(tool)) and not agreed:
        raise ToolError(f"{name} changes something or reaches out", "agree to the call, and send it again")
    started = time.monotonic()
    try:
        found = tool.run(checked, user)
    except ToolError:
        raise
    except Exception as error:
        raise ToolError(f"{name} failed: {type(error).__name__}: {error}", "report it to its author") from error
    return TriedCall(found.text, time.monotonic() - started)
