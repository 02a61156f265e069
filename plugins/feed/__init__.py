"""RSS and Atom feeds as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.feed.source import FeedConfig, FeedSource

__all__ = ["FeedConfig", "FeedSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `feed`."""
    registry.add_source("feed", FeedConfig, FeedSource)
