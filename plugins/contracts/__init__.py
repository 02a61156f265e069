"""Contracts, as the model of what a department adds: tools, instructions, structure of its documents, questions."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest
from plugins.contracts.pack import Contracts

__all__ = ["Contracts", "MANIFEST", "register"]

MANIFEST = Manifest("contracts", "1.0", description="Finds clauses and duties in contracts, and compares contracts.")


def register(registry: Registry) -> None:
    """Offer the pack `contracts`."""
    registry.add_pack(Contracts())
