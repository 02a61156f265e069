"""What the API's JSON means to the UI, of documents as those see them who look after their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ui.models import DocumentName, Json
from ui.overseen import given


@dataclass(frozen=True, slots=True)
class Work:
    """Work on a document that is not finished, or that failed."""

    state: str
    action: str
    error: str
    code: str
    failures: int
    next_try: float | None
    ignored: bool


@dataclass(frozen=True, slots=True)
class Warned:
    """What in a document reads like orders to an assistant, and who looked at it."""

    score: float
    signs: Mapping[str, int]
    flagged: bool
    found_at: float
    reviewed_at: float | None
    reviewed_by: str


@dataclass(frozen=True, slots=True)
class Known:
    """A document of a source; `media_type` is empty where no version of it was ever made."""

    name: DocumentName
    media_type: str
    pages: int
    chunks: int
    characters: int
    tokens: int
    authors: tuple[str, ...]
    created: str
    modified: str
    language: str
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    updated_at: float
    access_from_source: bool
    flagged: bool
    may_read: bool
    work: Work | None

    @property
    def is_there(self) -> bool:
        """Whether there is a version of it."""
        return bool(self.media_type)

    @property
    def state(self) -> str:
        """What became of it: `failed`, `waiting`, `flagged` or `current`."""
        if self.work is not None:
            return "failed" if self.work.state == "failed" else "waiting"
        return "flagged" if self.flagged else "current"

    @classmethod
    def read(cls, data: Json) -> Known:
        """Read a document."""
        said = data.get("document") or {}
        access = said.get("access") or {"allow": (), "deny": ()}
        return cls(
            name=DocumentName.read({"source": data["source"], "key": data["key"], **said}),
            media_type=str(said.get("media_type") or ""),
            pages=int(said.get("pages") or 0),
            chunks=int(said.get("chunks") or 0),
            characters=int(data["characters"]),
            tokens=int(data["tokens"]),
            authors=tuple(map(str, said.get("authors") or ())),
            created=str(said.get("created") or ""),
            modified=str(said.get("modified") or ""),
            language=str(said.get("language") or ""),
            allow=tuple(map(str, access["allow"])),
            deny=tuple(map(str, access["deny"])),
            updated_at=float(data["updated_at"]),
            access_from_source=bool(data["access_from_source"]),
            flagged=bool(data["flagged"]),
            may_read=bool(data["may_read"]),
            work=None if data.get("work") is None else given(Work, data["work"]),
        )


@dataclass(frozen=True, slots=True)
class Happened:
    """A run that could not index the document."""

    run_id: str
    at: float
    error: str
    code: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """All that is known of a document, beside what it says."""

    known: Known
    version: str
    inside: str
    members: int
    opening: str
    opened_until: float | None
    warning: Warned | None
    failures: tuple[Happened, ...]

    @classmethod
    def read(cls, data: Json) -> Inspected:
        """Read the answer of `GET /api/inventory/document`."""
        return cls(
            known=Known.read(data),
            version=str(data["version"]),
            inside=str(data["inside"]),
            members=int(data["members"]),
            opening=str(data["opening"]),
            opened_until=None if data["opened_until"] is None else float(data["opened_until"]),
            warning=None if data["warning"] is None else given(Warned, data["warning"]),
            failures=tuple(given(Happened, one) for one in data["failures"]),
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of the documents that are looked for; `types` are of all, with how many there are of each."""

    documents: tuple[Known, ...]
    total: int
    types: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, data: Json) -> Found:
        """Read the answer of `GET /api/inventory`."""
        return cls(tuple(map(Known.read, data["documents"])), int(data["total"]), types_of(data))


def types_of(data: Json) -> tuple[tuple[str, int], ...]:
    """Read the types of documents."""
    return tuple((str(one["media_type"]), int(one["documents"])) for one in data["types"])


@dataclass(frozen=True, slots=True)
class Block:
    """A block that a parser found."""

    kind: str
    level: int
    start: int
    end: int
    page: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as the index holds it."""

    ordinal: int
    start: int
    end: int
    page: int | None
    tokens: int
    heading_path: tuple[str, ...]
    table_header: str
    captions: str
    pictures: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class LaidBlock:
    """A block on its page: `places` are left, top, right, bottom in parts of the page's width and height."""

    number: int
    kind: str
    places: tuple[tuple[float, float, float, float], ...]

    @classmethod
    def read(cls, data: Json) -> LaidBlock:
        """Read a block's places."""
        places = tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in data["places"])
        return cls(int(data["number"]), str(data["kind"]), places)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the blocks of a page stand on it; not `placed`: that cannot be told."""

    page: int
    pages: int
    placed: bool
    blocks: tuple[LaidBlock, ...]

    @classmethod
    def read(cls, data: Json) -> Layout:
        """Read the answer of `GET /api/documents/layout`."""
        return given(cls, data, blocks=tuple(map(LaidBlock.read, data["blocks"])))
