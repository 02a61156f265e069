"""A LangChain tool, named by its import path, as a tool of the assistant."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import ConfigurationError, ToolError
from assistant.interfaces import Registry
from assistant.types import ToolResult, User

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_PATH = re.compile(r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$")


def offer(
    registry: Registry,
    path: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    name: str = "",
    writes: bool = True,
    stays_inside: bool = False,
) -> None:
    """Make a LangChain tool and offer it.

    Args:
        registry: as `register` gets it.
        path: module and name of a class of tools, of a function that returns one, or of a tool as `@tool` makes it.
        arguments: what the class or the function is called with.
        name: what it is called here; empty: its own name.
        writes: whether a person is asked before it runs. LangChain's tools do not say, so that you have to.
        stays_inside: whether it tells nobody outside what it is called with; else a person is asked, too.

    Raises:
        ConfigurationError: there is no such tool, or it cannot be made with these arguments.
    """
    registry.add_tool(LangChainTool(_made(path, arguments or {}), name=name, writes=writes, stays_inside=stays_inside))


class LangChainConfig(BaseModel):
    """A tool of LangChain, by its import path."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        pattern=_PATH.pattern,
        title="Path",
        description="Module and name of a class of tools, a function that returns one, or a tool; its package must be"
        " installed.",
    )
    arguments: dict[str, Any] = Field(
        {}, title="Arguments", description="That the class or function is called with, as JSON."
    )
    secrets: dict[str, SecretStr] = Field(
        {}, title="Secret arguments", description="Likewise, e.g. a key; kept encrypted."
    )
    writes: bool = Field(True, title="Writes", description="Whether a person is asked before it runs.")
    stays_inside: bool = Field(
        False,
        title="Stays inside",
        description="What it calls is your own: what a model sends there stays in your house. Else a person is asked"
        " before each call.",
    )


def make_tool(name: str, config: LangChainConfig) -> LangChainTool:
    """Return the configured tool, called `name`. Raises ConfigurationError as `offer`."""
    secrets = {argument: value.get_secret_value() for argument, value in config.secrets.items()}
    return LangChainTool(
        _made(config.path, {**config.arguments, **secrets}),
        name=name,
        writes=config.writes,
        stays_inside=config.stays_inside,
    )


def _made(path: str, arguments: Mapping[str, Any]) -> BaseTool:
    from langchain_core.tools import BaseTool

    if not _PATH.fullmatch(path):
        raise ConfigurationError(f"{path!r} names no LangChain tool", "give module and class: package.module.Class")
    module, _, attribute = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"there is no LangChain tool {path}: {error}", "install its package, or correct the name"
        ) from error
    if isinstance(found, BaseTool):
        if arguments:
            raise ConfigurationError(f"{path} is a tool already and takes no arguments", "leave them out")
        return found
    try:
        tool = found(**arguments)
    except Exception as error:
        raise ConfigurationError(
            f"the LangChain tool {path} cannot be made: {type(error).__name__}: {error}", "check its arguments"
        ) from error
    if not isinstance(tool, BaseTool):
        raise ConfigurationError(f"{path} makes no LangChain tool but {type(tool).__name__}", "name a class of tools")
    return tool


class LangChainTool:
    """Runs a LangChain tool, for any user with the same rights.

    Args:
        tool: the LangChain tool.
        name: what it is called here; empty: its own name, in lower case.
        writes, stays_inside: see `offer`.
    """

    def __init__(self, tool: BaseTool, *, name: str = "", writes: bool = True, stays_inside: bool = False) -> None:
        from langchain_core.utils.function_calling import convert_to_openai_tool

        self._tool = tool
        self.name = name or re.sub("[^a-z0-9_]", "_", tool.name.lower())[:64]
        self.description = tool.description or tool.name
        # LangChain's own words for a model: without arguments that it injects and a model must not give
        self.parameters: Mapping[str, Any] = convert_to_openai_tool(tool)["function"]["parameters"]
        self.writes, self.reaches_out = writes, not stays_inside

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`; the tool checks the arguments itself, and is not told who the user is."""
        from langchain_core.messages import ToolMessage

        del user
        call = {"type": "tool_call", "id": "1", "name": self._tool.name, "args": dict(arguments)}
        try:
            answer = self._tool.invoke(call)
        except Exception as error:
            told = " ".join(str(error).split())
            raise ToolError(f"{self.name}: {type(error).__name__}: {told}", "correct the arguments") from error
        if not isinstance(answer, ToolMessage):  # a tool may return a message or a command for LangGraph
            raise ToolError(f"{self.name} returned {type(answer).__name__}, which is no result", "use another tool")
        if answer.status == "error":
            raise ToolError(f"{self.name}: {answer.text}", "correct the arguments")
        return ToolResult(answer.text)
