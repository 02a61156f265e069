"""A web site as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.web.config import WebConfig
from plugins.web.source import WebSource

__all__ = ["WebConfig", "WebSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "web",
    "1.0",
    description="Crawls a web site and the files that it links.",
    permissions=Permissions(hosts=("*",), secrets=("headers",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `web`."""
    registry.add_source("web", WebConfig, WebSource)
