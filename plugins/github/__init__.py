"""Issues, pull requests and discussions of GitHub as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.github.source import GithubConfig, GithubSource

__all__ = ["MANIFEST", "GithubConfig", "GithubSource", "register"]

MANIFEST = Manifest(
    "github",
    "0.1.0",
    description="Issues, pull requests and discussions of GitHub repositories, with what was said to them.",
    permissions=Permissions(hosts=("*",), secrets=("token",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `github`."""
    registry.add_source("github", GithubConfig, GithubSource)
