"""Issues and attachments of Jira as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.jira.source import JiraConfig, JiraSource

__all__ = ["MANIFEST", "JiraConfig", "JiraSource", "register"]

MANIFEST = Manifest(
    "jira",
    "0.1.0",
    description="Issues of Jira, Cloud or Data Center, with comments, attachments and who may read them.",
    permissions=Permissions(hosts=("*",), secrets=("token",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `jira`."""
    registry.add_source("jira", JiraConfig, JiraSource)
