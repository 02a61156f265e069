"""What a model may do with the assistant's own documents while it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.access import Library
from assistant.agent.documents import ReadTool, SearchTool
from assistant.interfaces import Registry

if TYPE_CHECKING:
    from assistant.retrieval import Retriever

__all__ = ["ReadTool", "SearchTool", "register_own_tools"]


def register_own_tools(registry: Registry, retriever: Callable[[], Retriever], library: Callable[[], Library]) -> None:
    """Offer the tools `search` and `read_document`.

    Args:
        registry: takes them like a plugin's.
        retriever, library: called at each use of a tool, as another index may have taken over.
    """
    registry.add_tool(SearchTool(retriever))
    registry.add_tool(ReadTool(library))
