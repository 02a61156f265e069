"""An IMAP mailbox as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.imap.config import ImapConfig
from plugins.imap.source import ImapSource

__all__ = ["ImapConfig", "ImapSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `imap`."""
    registry.add_source("imap", ImapConfig, ImapSource)
