"""A kind of tools that admins configure: its schema, how a configuration is checked, and what makes tools of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from assistant.errors import AssistantError, PluginError
from assistant.interfaces import Tool
from assistant.registry.configured import marked, validated
from assistant.registry.hiding import DiscreetTool, hiding
from assistant.registry.marking import long_texts
from assistant.registry.tools import check_tool

ToolFactory = Callable[[str, Any], Tool | Sequence[Tool]]


@dataclass(frozen=True, slots=True)
class ToolKind:
    """A kind of tools.

    Attributes:
        kind: its name.
        config: the pydantic model of its configuration.
        factory: makes one tool or several of a name and an instance of `config`.
        for_operators: whether only the machine's operator may configure it, as it runs programs there.
        plugin: whose it is; empty: the assistant's own.
        may_write: whether that plugin asks for tools that write.
    """

    kind: str
    config: type[BaseModel]
    factory: ToolFactory
    for_operators: bool = False
    plugin: str = ""
    may_write: bool = True

    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of its configuration."""
        return self.config.model_json_schema()

    @property
    def about(self) -> str:
        """One line on it."""
        return (self.config.__doc__ or "").strip().partition("\n")[0]

    def validate(self, config: Mapping[str, Any], what: str) -> dict[str, Any]:
        """Return the configuration as the kind's model understands it, with `Secret`s in it.

        Args:
            config: its fields.
            what: whose it is, for the error.

        Raises:
            ConfigurationError, PluginError: as `configured.validated`.
        """
        return marked(validated(self.config, config, what, self.kind))

    def make(self, name: str, config: Mapping[str, Any]) -> tuple[Tool, ...]:
        """Return the tools, one at least. Nothing that they tell or raise holds a secret of the configuration.

        Args:
            name: what they are called, or what their names begin with.
            config: as `validate` returned it, or as the catalog has it.

        Raises:
            ConfigurationError: a field is wrong, or a secret cannot be decrypted.
            PluginError: the plugin fails, or makes what is no tool.
            AssistantError: whatever else keeps the tools from being made, such as a server that does not answer.
        """
        model = validated(self.config, config, f"tool {name!r}", self.kind)
        hidden = tuple(long_texts(marked(model)))
        with hiding(hidden):
            try:
                made = self.factory(name, model)
            except AssistantError:
                raise
            except Exception as error:
                raise PluginError(
                    f"the plugin for {self.kind!r} cannot make its tool: {type(error).__name__}: {error}",
                    "report it to the plugin's author",
                ) from error
        tools = tuple(made) if isinstance(made, Sequence) else (made,)
        for tool in tools:
            self._check(name, tool)
        if not tools:
            raise PluginError(f"tool {name!r}: nothing is offered", "correct its configuration")
        return tuple(DiscreetTool(tool, hidden) for tool in tools) if hidden else tools

    def _check(self, name: str, tool: Tool) -> None:
        check_tool(tool)
        if tool.name != name and not tool.name.startswith(f"{name}_"):
            raise PluginError(
                f"the plugin for {self.kind!r} calls a tool of {name!r} {tool.name!r}", "report it to its author"
            )
        if tool.writes and not self.may_write:
            raise PluginError(
                f"the tool {tool.name!r} writes, and the manifest of {self.plugin!r} does not ask to",
                "say `writes=True` in its permissions",
            )
