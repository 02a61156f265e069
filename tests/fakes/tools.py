"""Tools by script: they keep what they were called with, and return or raise what a test says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.types import ToolCall, ToolResult, User

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


@dataclass
class ScriptedTool:
    """A tool that takes a `text`.

    Attributes:
        name: its own.
        does: returns the result, or raises; None: it says back what it got.
        writes: whether it changes something.
        reaches_out: whether it tells somebody outside.
        groups: who may use it; empty: everybody.
        parameters: its schema.
        calls: what it was called with, and for whom.
    """

    name: str = "echo"
    does: Callable[[Mapping[str, Any], User], Any] | None = None
    writes: bool = False
    reaches_out: bool = False
    groups: frozenset[str] = frozenset()
    parameters: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    calls: list[tuple[dict[str, Any], User]] = field(default_factory=list)
    description: str = "Says a text back."
    lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, user: User) -> bool:
        return not self.groups or bool(self.groups & user.groups)

    def run(self, arguments: Mapping[str, Any], user: User) -> Any:
        with self.lock:
            self.calls.append((dict(arguments), user))
        return ToolResult(f"You said {arguments['text']}.") if self.does is None else self.does(arguments, user)


def call(name: str = "echo", arguments: str = '{"text": "hello"}', number: int = 1) -> ToolCall:
    """Return a call as a model asks for it."""
    return ToolCall(f"c{number}", name, arguments)
