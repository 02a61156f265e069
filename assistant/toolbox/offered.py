"""A configured tool as it is offered: told of from what is known, made when it is first used, for its groups only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assistant.errors import ToolError
from assistant.interfaces import Tool
from assistant.registry import reaches_out
from assistant.toolbox.values import Sketch
from assistant.types import ToolResult, User, principals


class OfferedTool:
    """See `interfaces.Tool` and `interfaces.Restricted`.

    Args:
        sketch: what is told of it.
        groups: for whom it is; none: the operator only.
        find: returns the tool itself, as long as it is switched on and was not changed; raises ToolError.
    """

    def __init__(self, sketch: Sketch, groups: tuple[str, ...], find: Callable[[str], Tool]) -> None:
        self.name, self.description = sketch.name, sketch.description
        self.parameters, self.writes, self.reaches_out = sketch.parameters, sketch.writes, sketch.reaches_out
        self._allowed = principals(groups)
        self._find = find

    def allows(self, user: User) -> bool:
        """See `interfaces.Restricted`."""
        return user.reads_everything or not self._allowed.isdisjoint(user.principals)

    def _reaches_out_now(self, tool: Tool) -> bool:
        return reaches_out(tool) and not (self.reaches_out or self.writes)

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        if not self.allows(user):
            raise ToolError(f"{self.name} is not for this user", "ask an admin for one of its groups")
        tool = self._find(self.name)
        wrong = "writes" if tool.writes and not self.writes else "reaches out" if self._reaches_out_now(tool) else ""
        if wrong:  # nobody would have been asked
            raise ToolError(f"{self.name} {wrong} now, and did not when it was tried", "tell an admin to test it again")
        return tool.run(arguments, user)
