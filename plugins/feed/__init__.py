"""RSS and Atom feeds as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.feed.source import FeedConfig, FeedSource

__all__ = ["FeedConfig", "FeedSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "feed",
    "1.0",
    description="Reads the entries of RSS and Atom feeds.",
    permissions=Permissions(hosts=("*",), secrets=("headers",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `feed`."""
    registry.add_source("feed", FeedConfig, FeedSource)
