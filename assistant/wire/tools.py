"""Tools as JSON: those that are configured, the kinds that can be, and those that somebody may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, Field

from assistant.catalog import masked
from assistant.registry import reaches_out

if TYPE_CHECKING:
    from assistant.agent.trying import TriedCall
    from assistant.interfaces import Tool
    from assistant.registry import ToolKind
    from assistant.toolbox import Sketch, ToolInfo


class OfferedToolJson(BaseModel):
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: Mapping[str, Any] = Field(description="The JSON schema of its arguments.")
    writes: bool = Field(description="Whether it changes something: a person is asked before it runs.")
    reaches_out: bool = Field(description="Whether its arguments leave the machine: a person is asked before it runs.")

    @classmethod
    def of(cls, tool: Tool | Sketch) -> Self:
        """Return the tool as JSON."""
        return cls(
            name=tool.name,
            description=tool.description,
            parameters=dict(tool.parameters),
            writes=bool(tool.writes),
            reaches_out=reaches_out(tool),
        )


class OfferedToolsJson(BaseModel):
    """Every tool that a user may use."""

    tools: list[OfferedToolJson]

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> Self:
        """Return the tools as JSON."""
        return cls(tools=[OfferedToolJson.of(tool) for tool in tools])


class ToolJson(BaseModel):
    """A configured tool."""

    name: str
    kind: str
    origin: str = Field(description="`catalog`, or `settings`: it stands in the settings file and is changed there.")
    state: str = Field(
        description="`enabled`, `disabled`, `failing` (see `error`), or `stopped`: the plugin of its kind is not used."
    )
    groups: list[str] = Field(description="Who may use it; none: the operator only.")
    config: Mapping[str, object] = Field(description="With `**********` in place of secrets.")
    tools: list[OfferedToolJson] = Field(description="What is offered of it.")
    error: str = Field(description="What went wrong last.")
    tried: str = Field(description="What was tried just now, where it was.")

    @classmethod
    def of(cls, info: ToolInfo) -> Self:
        """Return the configured tool as JSON."""
        return cls(
            name=info.name,
            kind=info.kind,
            origin=info.origin,
            state=info.state,
            groups=list(info.groups),
            config=masked(info.config),
            tools=[OfferedToolJson.of(one) for one in info.tools],
            error=info.error,
            tried=info.tried,
        )


class ToolKindJson(BaseModel):
    """A kind of tools that can be configured."""

    about: str
    for_operators: bool = Field(description="Whether only the operator configures it: it runs programs.")
    config: Mapping[str, Any] = Field(description="The JSON schema of its configuration.")

    @classmethod
    def of(cls, kind: ToolKind) -> Self:
        """Return the kind as JSON."""
        return cls(about=kind.about, for_operators=kind.for_operators, config=kind.schema())


class ToolKindsJson(BaseModel):
    """The kinds of tools that can be configured, by name."""

    kinds: dict[str, ToolKindJson]

    @classmethod
    def of(cls, kinds: Mapping[str, ToolKind]) -> Self:
        """Return the kinds as JSON."""
        return cls(kinds={name: ToolKindJson.of(kinds[name]) for name in sorted(kinds)})


class ToolsJson(ToolKindsJson):
    """All configured tools, and the kinds that can be added."""

    tools: list[ToolJson]


class ToolTrialJson(BaseModel):
    """That a configuration can be used, and what was tried; where it cannot, the answer is an error."""

    tried: str


class ToolCallJson(BaseModel):
    """What a call of a tool said."""

    text: str
    seconds: float

    @classmethod
    def of(cls, tried: TriedCall) -> Self:
        """Return what it said as JSON."""
        return cls(text=tried.text, seconds=tried.seconds)
