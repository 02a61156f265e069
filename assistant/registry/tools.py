"""What a tool has to be, so that a model can be given it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.errors import PluginError
from assistant.interfaces import Restricted, Tool
from assistant.types import User

TOOL_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def allowed(tools: Mapping[str, Tool], user: User) -> dict[str, Tool]:
    """Return those of the tools that this user may use now, by name."""
    return {name: tool for name, tool in tools.items() if not isinstance(tool, Restricted) or tool.allows(user)}


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
