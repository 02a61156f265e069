"""What a tool has to be, so that a model can be given it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from assistant.errors import PluginError
from assistant.interfaces import CheckedTool, Outward, Restricted, Tool
from assistant.types import Manifest, ToolResult, User

TOOL_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def allowed(tools: Mapping[str, Tool], user: User) -> dict[str, Tool]:
    """Return those of the tools that this user may use now, by name."""
    return {name: tool for name, tool in tools.items() if not isinstance(tool, Restricted) or tool.allows(user)}


def reaches_out(tool: object) -> bool:
    """Whether a call's arguments leave the machine, so that a person is asked first; see `interfaces.Outward`."""
    return isinstance(tool, Outward) and bool(tool.reaches_out)


def said_outward(tool: Tool, manifest: Manifest | None) -> Tool:
    """Return a plugin's tool, as one that reaches out where it does not say and its plugin asks for hosts."""
    if isinstance(tool, Outward) or manifest is None or not manifest.permissions.hosts:
        return tool
    return _OutwardTool(tool)


class _OutwardTool:
    """A tool that is taken to reach out."""

    reaches_out = True

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self.name, self.description, self.parameters = tool.name, tool.description, tool.parameters
        self.writes = tool.writes
        if isinstance(tool, CheckedTool):
            self.check = tool.check

    def allows(self, user: User) -> bool:
        """See `interfaces.Restricted`."""
        return not isinstance(self._tool, Restricted) or self._tool.allows(user)

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        return self._tool.run(arguments, user)


def check_tool(tool: Tool) -> None:
    """Raise PluginError where a tool's name, description or schema is not what a model can be given."""
    wrong = ""
    parameters = tool.parameters
    if not TOOL_NAME.fullmatch(tool.name):
        wrong = "its name is not of a-z, 0-9 and _"
    elif not tool.description.strip():
        wrong = "it has no description"
    elif not isinstance(parameters, Mapping) or parameters.get("type") != "object":
        wrong = "its parameters are no JSON schema of an object"
    elif not isinstance(parameters.get("properties", {}), Mapping):
        wrong = "its parameters' properties are no object"
    elif unknown := set(parameters.get("required", ())) - set(parameters.get("properties", {})):
        wrong = f"it requires what its properties do not have: {', '.join(sorted(unknown))}"
    if wrong:
        raise PluginError(f"the tool {tool.name!r} cannot be offered: {wrong}", "report it to the plugin's author")
