"""What the API's JSON means to the UI, of who may read what."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Grant:
    """What allows or denies: a principal of the document, the way into its group, and how that begins."""

    principal: str
    way: str
    path: tuple[str, ...]

    @classmethod
    def read(cls, data: Json) -> Grant:
        """Read a grant."""
        return cls(str(data["principal"]), str(data["way"]), tuple(map(str, data["path"])))


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody may read a document, or may not."""

    subject: str
    title: str
    may: bool
    verdict: str
    allowed: tuple[Grant, ...]
    denied: tuple[Grant, ...]
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    origin: str
    glob: str
    parent: str
    coming: tuple[str, ...] | None

    @classmethod
    def read(cls, data: Json) -> Why:
        """Read the answer of `GET /api/access/why`."""
        coming = data.get("coming")
        return cls(
            subject=str(data["subject"]),
            title=str(data["title"]),
            may=bool(data["may"]),
            verdict=str(data["verdict"]),
            allowed=tuple(map(Grant.read, data["allowed"])),
            denied=tuple(map(Grant.read, data["denied"])),
            allow=tuple(map(str, data["access"]["allow"])),
            deny=tuple(map(str, data["access"]["deny"])),
            origin=str(data["origin"]),
            glob=str(data.get("glob") or ""),
            parent=str(data.get("parent") or ""),
            coming=None if coming is None else tuple(map(str, coming["allow"])),
        )


@dataclass(frozen=True, slots=True)
class Sees:
    """What somebody may read: `folders` are source, folder and number, `listed` source, key and title."""

    subject: str
    disabled: bool
    documents: int
    private: int
    folders: tuple[tuple[str, str, int], ...]
    listed: tuple[tuple[str, str, str], ...]

    @classmethod
    def read(cls, data: Json) -> Sees:
        """Read the answer of `GET /api/access/sees`."""
        return cls(
            subject=str(data["subject"]),
            disabled=bool(data["disabled"]),
            documents=int(data["documents"]),
            private=int(data["private"]),
            folders=tuple((str(one["source"]), str(one["folder"]), int(one["documents"])) for one in data["folders"]),
            listed=tuple((str(one["source"]), str(one["key"]), str(one["title"])) for one in data["listed"]),
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule would change for a person or a group."""

    subject: str
    before: int
    after: int
    gains: tuple[str, ...]
    losses: tuple[str, ...]
    gained: int
    lost: int

    @classmethod
    def read(cls, data: Json) -> Effect:
        """Read an effect."""
        return cls(
            subject=str(data["subject"]),
            before=int(data["before"]),
            after=int(data["after"]),
            gains=tuple(map(str, data["gains"])),
            losses=tuple(map(str, data["losses"])),
            gained=int(data["gained"]),
            lost=int(data["lost"]),
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule of readers would change."""

    documents: int
    changed: int
    of_source: int
    effects: tuple[Effect, ...]

    @classmethod
    def read(cls, data: Json) -> Preview:
        """Read the answer of `POST /api/access/preview`."""
        effects = tuple(map(Effect.read, data["effects"]))
        return cls(int(data["documents"]), int(data["changed"]), int(data["of_source"]), effects)
