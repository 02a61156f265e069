"""What the API's JSON means to the UI, of configured tools and of the kinds of tools."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """What a model is told of a tool."""

    name: str
    description: str
    writes: bool
    reaches_out: bool
    parameters: Json


@dataclass(frozen=True, slots=True)
class Tool:
    """A configured tool: `config` with masks for secrets, what is `offered` of it, and what was `tried` just now."""

    name: str
    kind: str
    origin: str
    state: str
    groups: tuple[str, ...]
    config: Json
    offered: tuple[OfferedTool, ...]
    error: str
    tried: str

    @property
    def fixed(self) -> bool:
        """Whether it stands in the settings file, and cannot be changed here."""
        return self.origin == "settings"

    @property
    def off(self) -> bool:
        """Whether it is switched off."""
        return self.state == "disabled"

    @classmethod
    def read(cls, data: Json) -> Tool:
        """Read a configured tool."""
        return cls(
            name=str(data["name"]),
            kind=str(data["kind"]),
            origin=str(data["origin"]),
            state=str(data["state"]),
            groups=tuple(map(str, data["groups"])),
            config=dict(data["config"]),
            offered=tuple(
                OfferedTool(
                    str(one["name"]),
                    str(one["description"]),
                    bool(one["writes"]),
                    bool(one["reaches_out"]),
                    dict(one["parameters"]),
                )
                for one in data["tools"]
            ),
            error=str(data.get("error") or ""),
            tried=str(data.get("tried") or ""),
        )


@dataclass(frozen=True, slots=True)
class ToolKind:
    """A kind of tools: a line on it, and the JSON schema of its configuration."""

    name: str
    about: str
    schema: Json

    @classmethod
    def read(cls, name: str, data: Json) -> ToolKind:
        """Read a kind."""
        return cls(name, str(data["about"]), dict(data["config"]))
