"""Dates and spans between them as a tool."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest
from plugins.dates.tool import Dates

__all__ = ["Dates", "MANIFEST", "register"]

MANIFEST = Manifest("dates", "1.0", description="Counts days, weeks and months for the model.")


def register(registry: Registry) -> None:
    """Offer the tool `dates`."""
    registry.add_tool(Dates())
