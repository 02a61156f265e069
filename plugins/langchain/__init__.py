"""Any tool of LangChain as the assistant's: a plugin of a few lines names it and calls `offer`."""

from __future__ import annotations

from plugins.langchain.tool import LangChainTool, offer

__all__ = ["LangChainTool", "offer"]
