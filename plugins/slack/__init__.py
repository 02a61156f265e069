"""The channels of a Slack workspace as a data source; experimental: it was tried against a scripted server only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.slack.config import SlackConfig
from plugins.slack.source import SlackSource

__all__ = ["MANIFEST", "SlackConfig", "SlackSource", "register"]

MANIFEST = Manifest(
    "slack",
    "0.1.0",
    description="Threads, days and files of Slack.",
    permissions=Permissions(hosts=("slack.com", "files.slack.com"), secrets=("token",)),
    experimental=True,
)


def register(registry: Registry) -> None:
    """Offer the source kind `slack`."""
    registry.add_source("slack", SlackConfig, SlackSource)
