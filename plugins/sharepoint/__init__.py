"""A SharePoint library or a OneDrive as a data source; experimental: it was tried against a scripted server only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.sharepoint.config import SharepointConfig
from plugins.sharepoint.source import SharepointSource

__all__ = ["MANIFEST", "SharepointConfig", "SharepointSource", "register"]

MANIFEST = Manifest(
    "sharepoint",
    "0.1.0",
    description="Files of SharePoint and OneDrive.",
    permissions=Permissions(
        hosts=("graph.microsoft.com", "login.microsoftonline.com", "*.sharepoint.com"), secrets=("client_secret",)
    ),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `sharepoint`."""
    registry.add_source("sharepoint", SharepointConfig, SharepointSource)
