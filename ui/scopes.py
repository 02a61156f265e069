"""What a question is narrowed to, what it can be narrowed to, and what it would read then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """Only what fits every field is read; what is empty narrows nothing.

    `paths` are folders or whole documents, `after` is the first day (ISO 8601) and `before` the first day behind.
    """

    sources: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    languages: tuple[str, ...] = ()  # chosen over the API alone: kept where a question of there is edited

    @classmethod
    def read(cls, data: Json) -> Scope:
        """Read the `filters` of a stored turn."""
        return cls(
            tuple(data.get("sources") or ()),
            tuple(data.get("media_types") or ()),
            tuple(data.get("paths") or ()),
            str(data.get("modified_from") or ""),
            str(data.get("modified_until") or ""),
            tuple(data.get("languages") or ()),
        )

    def asked(self) -> dict[str, Any]:
        """Return the fields of a question for the API."""
        narrowed = {
            "types": list(self.types),
            "paths": list(self.paths),
            "languages": list(self.languages),
            "after": self.after,
            "before": self.before,
        }
        return {"sources": list(self.sources) or None, **{name: value for name, value in narrowed.items() if value}}


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class OfferedSource:
    """A source with how many of its documents the person may read; `own`: the person's uploads."""

    name: str
    documents: int
    own: bool


@dataclass(frozen=True, slots=True)
class OfferedFolder:
    """A folder of a source with how many of its documents the person may read."""

    source: str
    path: str
    documents: int


@dataclass(frozen=True, slots=True)
class Offered:
    """What a question can be narrowed to; `types` are file name endings with how many documents have them."""

    sources: tuple[OfferedSource, ...] = ()
    types: tuple[tuple[str, int], ...] = ()
    folders: tuple[OfferedFolder, ...] = ()
    more_folders: bool = False

    @classmethod
    def read(cls, data: Json) -> Offered:
        """Read `GET /api/scope`."""
        return cls(
            tuple(OfferedSource(str(s["name"]), int(s["documents"]), bool(s["own"])) for s in data["sources"]),
            tuple((str(one["type"]), int(one["documents"])) for one in data["types"]),
            tuple(OfferedFolder(str(f["source"]), str(f["path"]), int(f["documents"])) for f in data["folders"]),
            bool(data["more_folders"]),
        )
