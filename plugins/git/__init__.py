"""A Git repository as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.git.source import GitConfig, GitSource

__all__ = ["GitConfig", "GitSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "git",
    "1.0",
    description="Reads the files of a branch of a Git repository.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("password",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `git`."""
    registry.add_source("git", GitConfig, GitSource)
