"""A WebDAV folder, such as Nextcloud's, as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.webdav.source import WebdavConfig, WebdavSource

__all__ = ["WebdavConfig", "WebdavSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `webdav`."""
    registry.add_source("webdav", WebdavConfig, WebdavSource)
