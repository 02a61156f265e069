"""A Git repository as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.git.source import GitConfig, GitSource

__all__ = ["GitConfig", "GitSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `git`."""
    registry.add_source("git", GitConfig, GitSource)
