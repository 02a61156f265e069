"""What an admin says of a Slack workspace."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, SecretStr

from plugins.cloud import CloudReadersConfig


class SlackConfig(CloudReadersConfig):
    """Which workspace, which of its channels, how far back, and who may read them."""

    token: SecretStr = Field(title="Token", description="Of the app's bot, xoxb-…, or of a user, xoxp-….")
    channels: tuple[str, ...] = Field(
        (), title="Channels", description="Names with *, e.g. team-*; empty: all that the app is a member of."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    private: bool = Field(default=True, title="Private channels", description="Those that the app was invited to.")
    direct: bool = Field(default=False, title="Direct messages", description="Those that the app takes part in.")
    files: bool = Field(default=True, title="Files", description="What was posted into the channels, as documents.")
    since: dt.date | None = Field(None, title="Since", description="Only what was posted on this day or later.")
    window_days: int = Field(
        14, ge=1, title="Days to look back", description="Every sync reads these again, for edits and replies."
    )
    edit_days: int = Field(
        2,
        ge=0,
        title="Days for edited replies",
        description="Threads with a reply in these are read whole in each sync.",
    )
    whole_every_days: int = Field(
        7, ge=0, title="Days until all is read", description="A sync reads everything again then; 0: only if asked to."
    )
    max_bytes: int = Field(100_000_000, ge=1, title="Largest file", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    api: str = Field(
        "https://slack.com/api",
        pattern=r"^https?://[^?#@]+$",
        title="Address of the API",
        description="Slack's, unless requests go another way.",
    )
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )
