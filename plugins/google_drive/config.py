"""What an admin says of a Google Drive."""

from __future__ import annotations

import json

from pydantic import Field, SecretStr, field_validator

from plugins.cloud import CloudReadersConfig

KINDS = ("service_account", "authorized_user")


class DriveConfig(CloudReadersConfig):
    """Which folder, who signs in, which of its files, and who may read them."""

    credentials: SecretStr = Field(
        title="Key", description="The JSON key of a service account, or of a user who gave the assistant access."
    )
    subject: str = Field(
        "",
        title="On behalf of",
        description="A user's mail, for a service account that may act for the domain's users.",
    )
    folder: str = Field(
        "",
        pattern=r"^[\w-]*$",
        title="Folder",
        description="Its id, or a shared drive's: the end of its address. Empty: My Drive of who signs in.",
    )
    include: tuple[str, ...] = Field(
        (), title="Only", description="Paths with *, which also spans folders, e.g. *.pdf; empty: all."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    max_bytes: int = Field(100_000_000, ge=1, title="Largest file", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    api: str = Field(
        "https://www.googleapis.com/drive/v3",
        pattern=r"^https?://[^?#@]+$",
        title="Address of the API",
        description="Google's, unless requests go another way.",
    )
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )

    @field_validator("credentials")
    @classmethod
    def _is_a_key(cls, credentials: SecretStr) -> SecretStr:
        try:
            told = json.loads(credentials.get_secret_value())
        except ValueError:
            raise ValueError("it must be the JSON of the key, not its file's name") from None
        if not isinstance(told, dict) or told.get("type") not in KINDS:
            raise ValueError(f"it must be a JSON key of type {' or '.join(KINDS)}")
        return credentials
