"""What an admin says of any vendor's source: sign-in, readers, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class ReadersConfig(BaseModel):
    """Whom a right at the vendor's means here: nobody that is not named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    readers: Literal["source", "rule"] = Field(
        "source",
        title="Readers",
        description="source: who may read there may read here, as said below; rule: the source's own rule decides.",
    )
    users: dict[str, str] = Field(
        default_factory=dict,
        title="People",
        description='Whom a name, id or mail address there stands for here, e.g. {"ann@example.org": "user:ann"}.',
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

    @field_validator("users", "groups")
    @classmethod
    def _stand_for_principals(cls, names: dict[str, str]) -> dict[str, str]:
        return by_name(names)

    @field_validator("other_users", "other_groups", "public")
    @classmethod
    def _is_empty_or_principal(cls, principal: str) -> str:
        if principal and not is_principal(principal):
            raise ValueError("it must be empty, or begin with user: or group:")
        return principal

    @property
    def are_asked_for(self) -> bool:
        """Whether the vendor is asked who may read."""
        return self.readers == "source"

    def person(self, *names: str) -> str:
        """Return whom somebody there is here, empty for nobody; `names` are what they are called, the best first."""
        return _stands_for(names, self.users, self.other_users)

    def group(self, *names: str) -> str:
        """Return which group a group there is here, empty for none."""
        return _stands_for(names, self.groups, self.other_groups)


def by_name(names: dict[str, str]) -> dict[str, str]:
    """Return the names in the form in which they are looked up.

    Raises:
        ValueError: one stands for no principal.
    """
    for name, principal in names.items():
        if not is_principal(principal):
            raise ValueError(f"{name} must stand for user:ID or group:NAME")
    return {name.strip().casefold(): principal for name, principal in names.items()}


def _stands_for(names: Sequence[str], known: Mapping[str, str], other: str) -> str:
    called = [name for name in names if name]
    mapped = next((known[name.casefold()] for name in called if name.casefold() in known), "")
    mail = next((name for name in called if "@" in name), "")
    if mapped or not called or ("{mail}" in other and not mail):
        return mapped
    return other.replace("{mail}", mail).replace("{name}", called[0])


class VendorConfig(ReadersConfig):
    """The fields that all vendors' sources have."""

    token: SecretStr = Field(title="Token", description="Signs the assistant in; it only needs to read.")
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
