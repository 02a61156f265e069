"""What an admin says of a SharePoint library or a OneDrive."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from plugins.cloud import CloudReadersConfig


class SharepointConfig(CloudReadersConfig):
    """Which library, which application signs in, which of the files, and who may read them."""

    tenant: str = Field(
        pattern=r"^[\w.-]+$",
        title="Tenant",
        description="The directory's id, or a domain of it: example.onmicrosoft.com.",
    )
    client_id: str = Field(
        pattern=r"^[\w-]+$", title="Application", description="Its id, as the app registration says."
    )
    client_secret: SecretStr = Field(title="Secret", description="A client secret of the application.")
    site: str = Field("", title="Site", description="Its address, e.g. https://example.sharepoint.com/sites/hr.")
    library: str = Field("", title="Library", description="Its name; empty: the site's own one, Documents.")
    user: str = Field("", title="Person", description="Instead of a site: whose OneDrive, as they sign in.")
    folder: str = Field(
        "", title="Folder", description="Only what is below this path of the library, e.g. Policies/2026."
    )
    include: tuple[str, ...] = Field(
        (), title="Only", description="Paths with *, which also spans folders, e.g. *.pdf; empty: all."
    )
    exclude: tuple[str, ...] = Field((), title="Leave out", description="Likewise.")
    max_bytes: int = Field(100_000_000, ge=1, title="Largest file", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    api: str = Field(
        "https://graph.microsoft.com/v1.0",
        pattern=r"^https?://[^?#@]+$",
        title="Address of Graph",
        description="Another one for a national cloud.",
    )
    login: str = Field(
        "https://login.microsoftonline.com",
        pattern=r"^https?://[^?#@]+$",
        title="Address of the sign-in",
        description="Likewise.",
    )
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )

    @field_validator("site")
    @classmethod
    def _address(cls, site: str) -> str:
        told = site.strip().rstrip("/")
        if told and not told.startswith("https://"):
            raise ValueError("it must be the site's address: https://example.sharepoint.com/sites/hr")
        return told

    @field_validator("folder")
    @classmethod
    def _path(cls, folder: str) -> str:
        return folder.strip("/")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if bool(self.site) == bool(self.user):
            raise ValueError("give either a site or a user")
        return self
