"""Lists a folder's files and hands out their bytes."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assistant.errors import (
    DocumentChangedError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
)
from assistant.types import Change, Changed, Checkpoint, RawDocument

_ATTEMPTS = 3
_READ_BYTES = 1 << 20
# What programs put beside files for themselves, and no person wrote: lock files of Office, pictures and settings of
# Windows. What macOS and LibreOffice put there is hidden by its name.
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_LOCK = "~$"


class FolderConfig(BaseModel):
    """Which folder, and how much of a file is taken at the most."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path = Field(
        description="The folder; everything below it is indexed, but hidden files and folders and what programs put"
        " there for themselves (~$..., Thumbs.db, desktop.ini)."
    )
    max_bytes: int = Field(100_000_000, ge=1, description="A larger file is listed as a failure with its size.")
    watch: bool = Field(
        default=False,
        description="Sync some seconds after a change, beside the schedule; sees what this machine changes there, and"
        " not what others do in a network folder.",
    )

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return path.expanduser().absolute()


class FolderSource:
    """Every regular file below a folder that a person may have put there; the key is the path within it, with `/`."""

    def __init__(self, config: FolderConfig) -> None:
        self._root = config.path
        self._max_bytes = config.max_bytes
        self._watch = config.watch

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always the whole folder, so deletions need no log."""
        del cursor
        try:
            mode = self._root.stat().st_mode
        except OSError as error:
            raise SourceError(f"the folder {self._root} cannot be read: {error.strerror}", "check the path") from error
        if not stat.S_ISDIR(mode):
            raise SourceError(f"{self._root} is not a folder", "name a folder")
        unlisted: list[str] = []
        for folder, folders, files in os.walk(self._root, onerror=lambda error: unlisted.append(str(error.filename))):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if not _is_litter(name):
                    path = Path(folder) / name
                    yield Changed(self._key(path), _mark(path))
            for name in folders:
                if (Path(folder) / name).is_symlink():
                    yield Changed(self._key(Path(folder) / name))
        for name in unlisted:
            if Path(name) == self._root:
                raise SourceError(f"the folder {self._root} cannot be listed", "check its owner and mode")
            yield Changed(self._key(Path(name)) + "/")
        # with a part unseen, what was not listed may still be there: nothing is to be deleted
        yield Checkpoint("", complete=not unlisted)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`. Only regular files below the folder, links within it included."""
        if key.endswith("/"):
            raise DocumentUnreadableError(f"the folder {key} cannot be listed", "check its owner and mode")
        path = self._path(key)
        for _ in range(_ATTEMPTS):
            data = self._read_unchanged(path, key)
            if data is not None:
                name = path.name.encode("utf-8", "replace").decode("utf-8")
                return RawDocument(key=key, data=data, media_type="", title=name, uri=path.as_uri())
        raise DocumentChangedError(f"{key} kept changing while it was read", "sync again when it is at rest")

    def watched(self) -> Path | None:
        """Return the folder whose changes ask for a sync, if it is to be watched."""
        return self._root if self._watch else None

    def unmoved(self, mark: str) -> str:
        """Return what of a file's mark stays when it is renamed: all but when its entry was changed last."""
        size, modified, _, inode = mark.split("-")
        return f"{size}-{modified}-{inode}"

    def _read_unchanged(self, path: Path, key: str) -> bytes | None:
        """Return the file's bytes, or None if it changed while it was read."""
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._root.resolve()):
                raise DocumentUnreadableError(f"{key} is a link that leads out of the folder", "copy the file instead")
            before = real.stat()
            if stat.S_ISDIR(before.st_mode):
                raise DocumentUnreadableError(f"{key} is a link to a folder", "add that folder as a source of its own")
            if not stat.S_ISREG(before.st_mode):
                raise DocumentUnreadableError(f"{key} is not a regular file", "remove it or move it elsewhere")
            if before.st_size > self._max_bytes:
                raise DocumentTooLargeError(
                    f"{key} has {before.st_size:,} bytes, the limit is {self._max_bytes:,}",
                    "split it, or raise max_bytes of the source or max_document_bytes",
                )
            data = _read(real, self._max_bytes)
            after = real.stat()
        except FileNotFoundError:
            if path.is_symlink():
                raise DocumentUnreadableError(f"{key} is a link to nothing", "remove it") from None
            raise NotFoundError(f"{key} is gone") from None
        except OSError as error:
            raise DocumentUnreadableError(
                f"{key} cannot be read: {error.strerror}", "check its owner and mode"
            ) from error
        same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        return data if same and len(data) == after.st_size else None

    def _key(self, path: Path) -> str:
        raw = os.fsencode(path.relative_to(self._root).as_posix())
        return raw.decode("utf-8", "backslashreplace")

    def _path(self, key: str) -> Path:
        if any(part in {"", ".", ".."} for part in key.split("/")):
            raise NotFoundError(f"{key!r} is not a key of this folder")
        path = self._root / key
        if not os.path.lexists(path) and "\\x" in key:
            # a file name that is not UTF-8: `_key` wrote its stray bytes as \xNN
            raw = re.sub(rb"\\x([0-9a-f]{2})", lambda found: bytes.fromhex(found[1].decode()), key.encode())
            path = self._root / os.fsdecode(raw)
        return path


def _is_litter(name: str) -> bool:
    return name.startswith((".", _LOCK)) or name.lower() in _LITTER


def _mark(path: Path) -> str | None:
    """Return what changes whenever the file does; None if it cannot be told."""
    try:
        found = path.stat()
    except OSError:
        return None
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"


def _read(path: Path, limit: int) -> bytes:
    """Return at most `limit` + 1 bytes, so that a file that grows without end is noticed."""
    parts: list[bytes] = []
    left = limit + 1
    with path.open("rb") as file:
        while left > 0 and (part := file.read(min(left, _READ_BYTES))):
            parts.append(part)
            left -= len(part)
    return b"".join(parts)
