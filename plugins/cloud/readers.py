"""Whose right at a vendor's is whose here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.types import Access


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a right at the vendor's.

    `kind` is `public` for what anybody may read there, and `link` for a whole domain and for whoever has a link: who
    that is, the admin says. `names` are all that the vendor calls it by, the best first: mail, id, name.
    """

    kind: Literal["user", "group", "link", "public"]
    names: tuple[str, ...]


class ReadersConfig(BaseModel):
    """Who may read: what a source's configuration says of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    readers: Literal["source", "rule"] = Field(
        "source",
        title="Readers",
        description="source: who may read there may read here, as said below; rule: the source's own rule decides.",
    )
    users: dict[str, str] = Field(
        default_factory=dict,
        title="People",
        description='Whom a mail address, id or name there stands for here, e.g. {"ann@example.org": "user:ann"}.',
    )
    groups: dict[str, str] = Field(
        default_factory=dict,
        title="Groups",
        description='Which group a group there stands for here, e.g. {"hr@example.org": "group:hr"}.',
    )
    links: dict[str, str] = Field(
        default_factory=dict,
        title="Domains and links",
        description='Who reads what whoever has a link may read, or a domain: {"domain:example.org": "group:staff"}.',
    )
    other_users: str = Field(
        "",
        title="Other people",
        description="For those not named above, e.g. user:{mail} or user:{name}; empty: they read nothing.",
    )
    other_groups: str = Field(
        "",
        title="Other groups",
        description="For those not named above, e.g. group:{name}; empty: their members read nothing through them.",
    )
    public: str = Field(
        "group:everyone", title="Public", description="Who reads what anybody may read there; empty: nobody."
    )

    @field_validator("users", "groups", "links")
    @classmethod
    def _stand_for_principals(cls, names: dict[str, str]) -> dict[str, str]:
        for name, principal in names.items():
            if not _is_principal(principal):
                raise ValueError(f"{name} must stand for user:ID or group:NAME")
        return {name.strip().casefold(): principal for name, principal in names.items()}

    @field_validator("other_users", "other_groups", "public")
    @classmethod
    def _is_empty_or_principal(cls, principal: str) -> str:
        if principal and not _is_principal(principal):
            raise ValueError("it must be empty, or begin with user: or group:")
        return principal

    @property
    def are_asked_for(self) -> bool:
        """Whether the vendor is asked who may read."""
        return self.readers == "source"

    @property
    def mapping_mark(self) -> str:
        """A short text that changes when others stand for the same rights."""
        told = self.model_dump(mode="json", include=set(ReadersConfig.model_fields))
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]


def readers_of(holders: Iterable[Holder], config: ReadersConfig) -> Access:
    """Return who may read here what these may read there: nobody that the configuration does not name."""
    return Access(frozenset(_principal(holder, config) for holder in holders) - {""})


def _principal(holder: Holder, config: ReadersConfig) -> str:
    names = [name for name in holder.names if name]
    match holder.kind:
        case "public":
            return config.public
        case "link":
            known, other = config.links, ""
        case "group":
            known, other = config.groups, config.other_groups
        case _:
            known, other = config.users, config.other_users
    mapped = next((known[name.casefold()] for name in names if name.casefold() in known), "")
    mail = next((name for name in names if "@" in name), "")
    if mapped or not names or ("{mail}" in other and not mail):
        return mapped
    return other.replace("{mail}", mail).replace("{name}", names[0])


def _is_principal(text: str) -> bool:
    kind, _, name = text.partition(":")
    return kind in {"user", "group"} and bool(name.strip())
