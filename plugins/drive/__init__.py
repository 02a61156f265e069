"""A Google Drive as a data source; experimental: it was tried against a scripted server only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.drive.config import DriveConfig
from plugins.drive.source import DriveSource

__all__ = ["MANIFEST", "DriveConfig", "DriveSource", "register"]

MANIFEST = Manifest(
    "drive",
    "0.1.0",
    description="Files of Google Drive.",
    permissions=Permissions(hosts=("www.googleapis.com", "oauth2.googleapis.com"), secrets=("credentials",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `drive`."""
    registry.add_source("drive", DriveConfig, DriveSource)
