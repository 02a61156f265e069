"""Arithmetic as a tool: exact in decimals, and nothing but arithmetic."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest
from plugins.calculator.tool import Calculator

__all__ = ["Calculator", "MANIFEST", "register"]

MANIFEST = Manifest("calculator", "1.0", description="Does arithmetic for the model, which is bad at it.")


def register(registry: Registry) -> None:
    """Offer the tool `calculator`."""
    registry.add_tool(Calculator())
