"""Issues, merge requests and wikis of GitLab as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.gitlab.source import GitlabConfig, GitlabSource

__all__ = ["MANIFEST", "GitlabConfig", "GitlabSource", "register"]

MANIFEST = Manifest(
    "gitlab",
    "0.1.0",
    description="Issues, merge requests and wikis of GitLab projects, with what was said to them.",
    permissions=Permissions(hosts=("*",), secrets=("token",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `gitlab`."""
    registry.add_source("gitlab", GitlabConfig, GitlabSource)
