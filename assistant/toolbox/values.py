"""What an admin sees of a configured tool, and what a model is told of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from assistant.interfaces import Tool
from assistant.registry import reaches_out

Origin = Literal["settings", "catalog"]
State = Literal["enabled", "disabled", "failing", "stopped"]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a model is told of a tool; see `interfaces.Tool`.

    One that was stored before tools said whether they reach out is taken to.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    writes: bool
    reaches_out: bool = True

    @classmethod
    def of(cls, tool: Tool) -> Sketch:
        """Return what is to be told of the tool now."""
        return cls(tool.name, tool.description, dict(tool.parameters), bool(tool.writes), reaches_out(tool))

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ToolInfo:
    """A configured tool as an admin sees it.

    Attributes:
        name: its name, or what the names of its tools begin with.
        kind: of tools.
        origin: `settings`: it stands in the settings file, and cannot be changed here.
        state: `failing`: it is switched on, and something was wrong last; `stopped`: its kind's plugin is not used.
        groups: who may use it, as an admin wrote them; none: the operator only.
        config: with `Secret`s in it.
        tools: what is offered of it.
        error: what went wrong last.
        tried: what was tried just now, where it was.
    """

    name: str
    kind: str
    origin: Origin
    state: State
    groups: tuple[str, ...]
    config: Mapping[str, Any]
    tools: tuple[Sketch, ...]
    error: str = ""
    tried: str = ""
