"""A folder on this machine as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.folder.source import FolderConfig, FolderSource

__all__ = ["FolderConfig", "FolderSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `folder`."""
    registry.add_source("folder", FolderConfig, FolderSource)
