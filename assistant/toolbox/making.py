"""Makes the tools of a record, once, and keeps them; what failed is tried again after a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.catalog import ToolRecord
from assistant.errors import AssistantError, ToolError
from assistant.interfaces import CheckedTool, Tool
from assistant.registry import PluginRegistry

_AGAIN_SECONDS = 30.0  # after which what could not be made is tried again


@dataclass(slots=True)
class _Made:
    """What was made of a record, or why it was not, and when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    tools: dict[str, Tool] = field(default_factory=dict)
    error: AssistantError | None = None
    at: float = 0.0


class Maker:
    """Keeps what was made in this process. Safe for several threads.

    Args:
        registry: knows the kinds.
        on_outcome: is told the record, and what went wrong; an empty text: nothing.
    """

    def __init__(self, registry: PluginRegistry, on_outcome: Callable[[ToolRecord, str], None]) -> None:
        self._registry = registry
        self._on_outcome = on_outcome
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], _Made] = {}

    def tools(self, record: ToolRecord) -> dict[str, Tool]:
        """Return the tools of the record by name. Raises AssistantError, the same one again for a while."""
        with self._lock:
            kept = self._made.setdefault((record.name, record.mark), _Made())
        with kept.lock:  # made once, and tools of other records need not wait
            if kept.tools:
                return kept.tools
            if kept.error is not None and time.monotonic() - kept.at < _AGAIN_SECONDS:
                raise kept.error
            try:
                kept.tools = self.fresh(record)
            except AssistantError as error:
                kept.error, kept.at = error, time.monotonic()
                self._on_outcome(record, str(error))
                raise
            kept.error = None
        if record.error:
            self._on_outcome(record, "")
        return kept.tools

    def fresh(self, record: ToolRecord) -> dict[str, Tool]:
        """Make the tools of the record anew and return them by name. Raises AssistantError."""
        made = self._registry.tool_kind(record.kind).make(record.name, record.config)
        return {tool.name: tool for tool in made}

    def one(self, record: ToolRecord, name: str) -> Tool:
        """Return one tool of the record. Raises ToolError: it cannot be made, or is not there any more."""
        try:
            tools = self.tools(record)
        except AssistantError as error:
            raise ToolError(f"{name} cannot be used: {error.message}", error.hint or "tell an admin") from error
        if name not in tools:
            raise ToolError(f"{name} is not there any more", "do without; an admin may test it again")
        return tools[name]

    def keep_only(self, records: list[ToolRecord]) -> None:
        """Forget what was made of other records than these."""
        known = {(record.name, record.mark) for record in records}
        with self._lock:
            for key in self._made.keys() - known:
                del self._made[key]


def checked(tools: dict[str, Tool]) -> str:
    """Try what the tools need, as far as they can, and return a line on it. Raises ToolError."""
    first = next(iter(tools.values()))
    said = first.check() if isinstance(first, CheckedTool) else "it can be made; nothing was called"
    return said if len(tools) == 1 else f"{len(tools)} tools; {said}"
