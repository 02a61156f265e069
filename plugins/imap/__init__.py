"""An IMAP mailbox as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.imap.config import ImapConfig
from plugins.imap.source import ImapSource

__all__ = ["ImapConfig", "ImapSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "imap",
    "1.0",
    description="Reads the mails of a mailbox.",
    permissions=Permissions(hosts=("*",), secrets=("password",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `imap`."""
    registry.add_source("imap", ImapConfig, ImapSource)
