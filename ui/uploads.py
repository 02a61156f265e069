"""What the API's JSON means to the UI, of the files that a person uploaded."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a person uploaded; `size` in bytes, times in seconds since the epoch.

    `state` is `waiting`, `indexed` or `failed`; `readers` are those beside its owner; `replaced`: it took the place of
    another one of that name just now.
    """

    source: str
    key: str
    size: int
    readers: tuple[str, ...]
    uploaded_at: float
    state: str
    error: str
    next_try: float | None
    replaced: bool = False

    @classmethod
    def read(cls, data: Json) -> Upload:
        """Read an entry of `GET /api/uploads`."""
        next_try = data.get("next_try")
        return cls(
            source=str(data["source"]),
            key=str(data["key"]),
            size=int(data["size"]),
            readers=tuple(map(str, data.get("readers") or ())),
            uploaded_at=float(data["uploaded_at"]),
            state=str(data["state"]),
            error=str(data.get("error") or ""),
            next_try=None if next_try is None else float(next_try),
            replaced=bool(data.get("replaced")),
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """A person's uploads, newest first; `used` of `quota` bytes (None: any number), `max_bytes` a file."""

    uploads: tuple[Upload, ...]
    used: int
    quota: int | None
    max_bytes: int

    @classmethod
    def read(cls, data: Json) -> Shelf:
        """Read `GET /api/uploads`."""
        quota = data.get("quota")
        return cls(
            tuple(map(Upload.read, data["uploads"])),
            int(data["used"]),
            None if quota is None else int(quota),
            int(data["max_bytes"]),
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """The files that were taken, and of the others the name, the reason and what to do."""

    uploads: tuple[Upload, ...]
    refused: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def read(cls, data: Json) -> Taken:
        """Read `POST /api/uploads`."""
        refused = tuple((str(r["name"]), str(r["error"]), str(r.get("hint") or "")) for r in data["refused"])
        return cls(tuple(map(Upload.read, data["uploads"])), refused)
