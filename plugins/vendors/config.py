"""What an admin says of any vendor's source: sign-in, readers, limits."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class VendorConfig(BaseModel):
    """The fields that all vendors' sources have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr = Field(title="Token", description="Signs the assistant in; it only needs to read.")
    readers: Literal["source", "rule"] = Field(
        "source",
        title="Readers",
        description="source: who may read there may read here, as said below; rule: the source's own rule decides.",
    )
    users: dict[str, str] = Field(
        default_factory=dict,
        title="People",
        description='Whom a name or mail address there stands for here, e.g. {"annb": "user:ann"}.',
    )
    groups: dict[str, str] = Field(
        default_factory=dict,
        title="Groups",
        description='Which group a group there stands for here, e.g. {"acme/docs": "group:writers"}.',
    )
    other_users: str = Field(
        "",
        title="Other people",
        description="For those not named above, e.g. user:{name} or user:{mail}; empty: they read nothing.",
    )
    other_groups: str = Field(
        "",
        title="Other groups",
        description="For those not named above, e.g. group:{name}; empty: their members read nothing through them.",
    )
    public: str = Field(
        "group:everyone", title="Public", description="Who reads what anybody may read there; empty: nobody."
    )
    refresh_seconds: float = Field(
        60.0, ge=0, title="Ask for rights after", description="Seconds for which a right that was read is used again."
    )
    max_bytes: int = Field(50_000_000, ge=1, title="Largest document", description="Bytes; a larger one is a failure.")
    timeout_seconds: float = Field(60.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )

    @field_validator("users", "groups")
    @classmethod
    def _stand_for_principals(cls, names: dict[str, str]) -> dict[str, str]:
        for name, principal in names.items():
            if not is_principal(principal):
                raise ValueError(f"{name} must stand for user:ID or group:NAME")
        return {name.casefold(): principal for name, principal in names.items()}

    @field_validator("other_users", "other_groups", "public")
    @classmethod
    def _is_empty_or_principal(cls, principal: str) -> str:
        if principal and not is_principal(principal):
            raise ValueError("it must be empty, or begin with user: or group:")
        return principal


class ChangesConfig(VendorConfig):
    """Besides these, how often a source that asks for changes lists everything."""

    relist_hours: float = Field(
        24.0,
        ge=0,
        title="List everything after",
        description="Hours. What was deleted there goes then; 0: at every sync. In between only changes are asked for.",
    )


def web_address(url: str) -> str:
    """Return an address without its last `/`.

    Raises:
        ValueError: it is no plain http or https address, or holds a sign-in.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be an http or https address without ? and #")
    if parts.username is not None:
        raise ValueError("put the sign-in into its own fields: an address is no secret")
    return url.rstrip("/")


def is_principal(text: str) -> bool:
    """Whether a text is `user:ID` or `group:NAME`."""
    kind, _, name = text.partition(":")
    return kind in {"user", "group"} and bool(name.strip())
