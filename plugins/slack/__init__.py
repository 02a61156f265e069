"""The channels of a Slack workspace as a data source; experimental: it was tried against a scripted server only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.slack.config import SlackConfig
from plugins.slack.source import SlackSource

__all__ = ["MANIFEST", "SlackConfig", "SlackSource", "register"]

MANIFEST = Manifest(
    "slack",
    "0.1-experimental",
    description="Threads, days and files of Slack. Experimental: nobody has run it against Slack's servers yet.",
    permissions=Permissions(hosts=("slack.com", "files.slack.com"), secrets=("token",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `slack`."""
    registry.add_source("slack", SlackConfig, SlackSource)
