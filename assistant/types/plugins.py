"""What a plugin says of itself, and what its tools return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.types.answers import Passage

API_VERSION = 1
ANY = ("*",)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a plugin wants to use; `("*",)` stands for anything.

    `hosts` are names of network hosts, `paths` files or folders, `secrets` the names of its configurations' secret
    fields. `writes`: whether a tool of it changes something outside of the assistant.
    """

    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    writes: bool = False


EVERY_PERMISSION = Permissions(ANY, ANY, ANY, writes=True)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A plugin's own description: `MANIFEST` in the module of its `register`.

    `api_version` is the version of the plugin interface it was written for. `declared` is False for a plugin that says
    nothing: then it is taken to want everything.
    """

    name: str
    version: str
    api_version: int = API_VERSION
    description: str = ""
    permissions: Permissions = field(default_factory=Permissions)
    declared: bool = True


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool found or did: `text` for the model and the reader, `data` as JSON values for programs.

    `passages` are what an answer may cite of it. Only the assistant's own tools have them: what they say stands in a
    document, and the library gave it to this user; nobody could check that of another process.
    """

    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
