"""Keys and what they open, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from assistant.catalog import Keyring, Use


class UseJson(BaseModel):
    """How many secrets of a table need a key."""

    table: str
    key: str = Field(description="The key's name, which gives nothing of it away.")
    count: int
    closed: int = Field(description="How many of them no key here opens.")


class SecretsJson(BaseModel):
    """The keys that are here, and what is encrypted by which."""

    place: str = Field(description="Where the keys are.")
    keys: list[str] = Field(description="Their names; the first one encrypts.")
    exposed: bool = Field(description="Whether others than its owner may read the key file.")
    secrets: list[UseJson]
    ok: bool = Field(description="Whether everything can be opened, and the file is for its owner only.")

    @classmethod
    def of(cls, keyring: Keyring, uses: Sequence[Use]) -> Self:
        """Return it as JSON."""
        exposed = keyring.is_exposed()
        return cls(
            place=keyring.place,
            keys=[key.name for key in keyring.all()],
            exposed=exposed,
            secrets=[UseJson(table=one.table, key=one.key, count=one.count, closed=one.closed) for one in uses],
            ok=not exposed and not any(one.closed for one in uses),
        )


class RotatedJson(BaseModel):
    """What a change of the key did."""

    key: str = Field(description="The name of the key that is used now.")
    former: list[str] = Field(description="The names of the keys that were taken away.")
    rows: int = Field(description="How many rows of the catalog were encrypted anew.")
