"""Any tool of LangChain as the assistant's: an operator configures it, or a plugin of a few lines names it."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import EVERY_PERMISSION, Manifest
from plugins.langchain.tool import LangChainConfig, LangChainTool, make_tool, offer

__all__ = ["LangChainConfig", "LangChainTool", "MANIFEST", "offer", "register"]

MANIFEST = Manifest("langchain", "1.0", description="Tools of LangChain.", permissions=EVERY_PERMISSION)


def register(registry: Registry) -> None:
    """Offer the kind of tool `langchain`."""
    registry.add_tool_kind("langchain", LangChainConfig, make_tool, for_operators=True)
