"""A web site as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.web.config import WebConfig
from plugins.web.source import WebSource

__all__ = ["WebConfig", "WebSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `web`."""
    registry.add_source("web", WebConfig, WebSource)
