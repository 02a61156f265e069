"""What several built-in sources share: HTTP that reaches only where it may, politely."""

from __future__ import annotations

from plugins.net.client import PoliteClient, Reply
from plugins.net.guard import PORTS, GuardedTransport, is_public, is_server, reachable
from plugins.net.pools import guard_pools

__all__ = ["PORTS", "GuardedTransport", "PoliteClient", "Reply", "guard_pools", "is_public", "is_server", "reachable"]
