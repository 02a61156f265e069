"""What several built-in sources share: HTTP that reaches only where it may, politely."""

from __future__ import annotations

from plugins.net.client import PoliteClient, Reply
from plugins.net.guard import GuardedTransport, is_public, reachable

__all__ = ["GuardedTransport", "PoliteClient", "Reply", "is_public", "reachable"]
