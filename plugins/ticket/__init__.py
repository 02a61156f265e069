"""Tickets in any system that takes JSON by HTTP, as a tool: an example of one that writes."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.ticket.tool import TicketConfig, TicketTool

__all__ = ["MANIFEST", "TicketConfig", "TicketTool", "register"]

MANIFEST = Manifest(
    "ticket",
    "1.0",
    description="Creates tickets by HTTP.",
    permissions=Permissions(hosts=("*",), secrets=("token",), writes=True),
)


def register(registry: Registry) -> None:
    """Offer the kind of tool `ticket`."""
    registry.add_tool_kind("ticket", TicketConfig, TicketTool)
