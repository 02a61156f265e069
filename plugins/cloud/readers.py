"""Whose right at a vendor's is whose here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, field_validator

from assistant.types import Access
from plugins.vendors import ReadersConfig, by_name


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a right at the vendor's.

    `kind` is `public` for what anybody may read there, and `link` for a whole domain and for whoever has a link: who
    that is, the admin says. `names` are all that the vendor calls it by, the best first: mail, id, name.
    """

    kind: Literal["user", "group", "link", "public"]
    names: tuple[str, ...]


class CloudReadersConfig(ReadersConfig):
    """Who may read: what a source's configuration says of it."""

    links: dict[str, str] = Field(
        default_factory=dict,
        title="Domains and links",
        description='Who reads what whoever has a link may read, or a domain: {"domain:example.org": "group:staff"}.',
    )

    @field_validator("links")
    @classmethod
    def _links_stand_for_principals(cls, names: dict[str, str]) -> dict[str, str]:
        return by_name(names)

    @property
    def mapping_mark(self) -> str:
        """A short text that changes when others stand for the same rights."""
        told = self.model_dump(mode="json", include=set(CloudReadersConfig.model_fields))
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]


def readers_of(holders: Iterable[Holder], config: CloudReadersConfig) -> Access:
    """Return who may read here what these may read there: nobody that the configuration does not name."""
    return Access(frozenset(_principal(holder, config) for holder in holders) - {""})


def _principal(holder: Holder, config: CloudReadersConfig) -> str:
    match holder.kind:
        case "public":
            return config.public
        case "link":
            return next((config.links[name.casefold()] for name in holder.names if name.casefold() in config.links), "")
        case "group":
            return config.group(*holder.names)
        case _:
            return config.person(*holder.names)
