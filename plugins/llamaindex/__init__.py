"""Any LlamaIndex reader as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.llamaindex.source import LlamaIndexConfig, LlamaIndexSource

__all__ = ["LlamaIndexConfig", "LlamaIndexSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "llamaindex",
    "1.0",
    description="Makes documents of what a LlamaIndex reader loads.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("secrets",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `llamaindex`."""
    registry.add_source("llamaindex", LlamaIndexConfig, LlamaIndexSource, for_operators=True)
