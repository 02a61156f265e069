"""The agent that lets a model call tools while it answers, and the tools for the assistant's own documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.access import Library
from assistant.agent.calls import check_call
from assistant.agent.documents import ReadTool, SearchTool
from assistant.agent.loop import AgentLimits, ToolAgent, load_graphs
from assistant.agent.tables import TablesTool
from assistant.interfaces import Registry

if TYPE_CHECKING:
    from assistant.retrieval import Retriever

__all__ = [
    "AgentLimits",
    "ReadTool",
    "SearchTool",
    "TablesTool",
    "ToolAgent",
    "check_call",
    "load_graphs",
    "register_own_tools",
]


def register_own_tools(registry: Registry, retriever: Callable[[], Retriever], library: Callable[[], Library]) -> None:
    """Offer the tools `search`, `read_document` and `tables`.

    Args:
        registry: takes them like a plugin's.
        retriever, library: called at each use of a tool, as another index may have taken over.
    """
    registry.add_tool(SearchTool(retriever))
    registry.add_tool(ReadTool(library))
    registry.add_tool(TablesTool(library))
