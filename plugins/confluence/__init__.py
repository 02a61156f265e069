"""Pages, blog posts and attachments of Confluence as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.confluence.source import ConfluenceConfig, ConfluenceSource

__all__ = ["MANIFEST", "ConfluenceConfig", "ConfluenceSource", "register"]

MANIFEST = Manifest(
    "confluence",
    "0.1.0",
    description="Pages, blog posts and attachments of Confluence, Cloud or Data Center, with who may read them.",
    permissions=Permissions(hosts=("*",), secrets=("token",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `confluence`."""
    registry.add_source("confluence", ConfluenceConfig, ConfluenceSource)
