"""What an admin configures of an API whose operations become tools."""

from __future__ import annotations

import re
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_FOR_ADMINS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})


class HttpApiConfig(BaseModel):
    """Which API, which of its operations, and how to sign in there."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(
        min_length=1,
        title="Description",
        description="The API's OpenAPI 3 description, JSON or YAML: its address, or a file's full path where the"
        " assistant runs.",
    )
    operations: tuple[str, ...] = Field(
        min_length=1,
        title="Operations",
        description="Those that may be called, each by its operationId or as METHOD /path. All but GET and HEAD are"
        " asked for before they run.",
    )
    server: str = Field(
        "",
        pattern=r"^$|^https?://[^/@?#\s]+(/[^?#\s]*)?$",
        title="Server",
        description="Where the API is, e.g. https://crm.example.org/v2; empty: as the description says.",
    )
    token: SecretStr = Field(SecretStr(""), title="Token", description="Sent as a bearer token.")
    username: str = Field("", title="User name", description="For HTTP's basic sign-in, instead of a token.")
    password: SecretStr = Field(SecretStr(""), title="Password", description="Of that user.")
    headers: dict[str, SecretStr] = Field(
        {}, title="Headers", description="Sent with every call, e.g. X-Api-Key; kept encrypted."
    )
    private_hosts: tuple[str, ...] = Field(
        (), title="Private hosts", description="Hosts of these addresses that lie in a private network."
    )
    stays_inside: bool = Field(
        False,
        title="Stays inside",
        description="The API is your own: what a model sends there stays in your house. Else a person is asked"
        " before each call.",
    )
    seconds: float = Field(20, gt=0, le=120, title="Seconds", description="For each step of a call.")
    most_bytes: int = Field(
        1_000_000, ge=1_000, le=50_000_000, title="Largest answer", description="Bytes; a larger answer is an error."
    )

    @field_validator("description")
    @classmethod
    def _readable(cls, description: str) -> str:
        if not description.startswith(("http://", "https://")) and not PurePath(description).is_absolute():
            raise ValueError("give an address (https://…) or a file's full path")
        if re.match(r"^https?://[^/]*@", description):
            raise ValueError("put the sign-in into its own fields: an address is no secret")
        return description

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _HEADER.fullmatch(name) or name.lower() in _NOT_FOR_ADMINS:
                raise ValueError(f"{name!r} cannot be a header of yours")
            if not value.get_secret_value().isprintable():
                raise ValueError(f"the value of {name} has characters that cannot be sent")
        return headers

    @model_validator(mode="after")
    def _one_sign_in(self) -> HttpApiConfig:
        signs = [bool(self.token.get_secret_value()), bool(self.username)]
        signs.append(any(name.lower() == "authorization" for name in self.headers))
        if sum(signs) > 1:
            raise ValueError("give a token, a user name or the header Authorization, one of them")
        if self.password.get_secret_value() and not self.username:
            raise ValueError("a password needs its user name")
        return self
