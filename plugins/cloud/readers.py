"""Whose right at a vendor's is whose here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.types import Access


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a right at the vendor's.

    `names` are all that the vendor calls it by, the best first: mail, id, name. `kind` is `user`, `group`, or `other`
    for what is neither (a whole domain, everyone with a link): that counts only where the admin says for whom.
    """

    kind: Literal["user", "group", "other"]
    names: tuple[str, ...]


class ReadersConfig(BaseModel):
    """Who may read: what a source's configuration says of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    permissions: bool = Field(
        default=True,
        title="Rights of the source",
        description="Take the readers from there; otherwise the rule of this source decides.",
    )
    principals: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        title="Who is who",
        description="Names there (mail, id or name) and who that is here, e.g. hr@example.org: group:hr, user:ann.",
    )
    unmapped: Literal["same", "nobody"] = Field(
        "same",
        title="All others",
        description="`same`: people and groups have the same name (mail) here; `nobody`: their rights do not count.",
    )

    @field_validator("principals")
    @classmethod
    def _known(cls, principals: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, mapped in principals.items():
            for one in mapped:
                if not one.startswith(("group:", "user:")) or one in {"group:", "user:"}:
                    raise ValueError(f"{name}: {one!r} must be group:NAME or user:ID")
        return {name.strip().lower(): mapped for name, mapped in principals.items()}


def readers_of(holders: Iterable[Holder], config: ReadersConfig) -> Access:
    """Return who may read here what these may read there; nobody where none of them is known here."""
    allow: set[str] = set()
    for holder in holders:
        names = [name for name in holder.names if name]
        mapped = next((config.principals[name.lower()] for name in names if name.lower() in config.principals), None)
        if mapped is not None:
            allow.update(mapped)
        elif config.unmapped == "same" and holder.kind != "other" and names:
            allow.add(f"{holder.kind}:{names[0]}")
    return Access(frozenset(allow))
