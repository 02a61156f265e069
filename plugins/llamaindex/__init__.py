"""Any LlamaIndex reader as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.llamaindex.source import LlamaIndexConfig, LlamaIndexSource

__all__ = ["LlamaIndexConfig", "LlamaIndexSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `llamaindex`."""
    registry.add_source("llamaindex", LlamaIndexConfig, LlamaIndexSource)
