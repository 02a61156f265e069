"""A folder on this machine as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.folder.source import FolderConfig, FolderSource

__all__ = ["FolderConfig", "FolderSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "folder", "1.0", description="Reads the files below a folder.", permissions=Permissions(paths=("*",))
)


def register(registry: Registry) -> None:
    """Offer the source kind `folder`."""
    registry.add_source("folder", FolderConfig, FolderSource)
