"""A WebDAV folder, such as Nextcloud's, as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.webdav.source import WebdavConfig, WebdavSource

__all__ = ["WebdavConfig", "WebdavSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "webdav",
    "1.0",
    description="Reads a WebDAV folder, such as Nextcloud's.",
    permissions=Permissions(hosts=("*",), secrets=("password",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `webdav`."""
    registry.add_source("webdav", WebdavConfig, WebdavSource)
