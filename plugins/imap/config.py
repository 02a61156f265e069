"""What an admin says of a mailbox."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class ImapConfig(BaseModel):
    """Which server, who signs in, and which folders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(min_length=1, title="Server", description="Its name, e.g. imap.example.org.")
    port: int | None = Field(None, ge=1, le=65535, title="Port", description="Empty: 993 with TLS, else 143.")
    security: Literal["tls", "starttls", "none"] = Field(
        "tls", title="Encryption", description="`none` sends the password in the clear: on this machine only."
    )
    username: str = Field(min_length=1, title="User name", description="Who signs in.")
    password: SecretStr = Field(title="Password", description="Or an access token, with `oauth2`.")
    oauth2: bool = Field(
        default=False,
        title="OAuth 2",
        description="The password is an access token (XOAUTH2).",
    )
    folders: tuple[str, ...] = Field(
        (),
        title="Folders",
        description="E.g. INBOX or Projects/*; empty: all but junk, trash and drafts.",
    )
    since: dt.date | None = Field(None, title="Since", description="Only mails that arrived on this day or later.")
    max_bytes: int = Field(50_000_000, ge=1, title="Largest mail", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
