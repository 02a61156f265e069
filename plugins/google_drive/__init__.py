"""A Google Drive as a data source; experimental: it was tried against a scripted server only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.google_drive.config import DriveConfig
from plugins.google_drive.source import DriveSource

__all__ = ["MANIFEST", "DriveConfig", "DriveSource", "register"]

MANIFEST = Manifest(
    "google_drive",
    "0.1.0",
    description="Files of Google Drive.",
    permissions=Permissions(hosts=("www.googleapis.com", "oauth2.googleapis.com"), secrets=("credentials",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `google_drive`."""
    registry.add_source("google_drive", DriveConfig, DriveSource)
