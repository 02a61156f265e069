"""What a backup says of itself: `manifest.json`, and beside it `files.jsonl` with size and SHA-256 of every file.

The manifest is written last and carries the SHA-256 of the list: a folder without one is no backup, and a file that was
cut, changed or lost is found before anything is put back.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.errors import AssistantError, BackupError, StorageFullError

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files.jsonl"
THREADS = 4
_AT_ONCE = 1_000
_DAMAGED = "use another backup; this one changed nothing"

OnProgress = Callable[[str, int, int], None]  # what is done, how much of it, of how much


class Model(BaseModel, frozen=True):
    """An embedder: its name and the length of its vectors."""

    name: str
    dimension: int


class Missing(BaseModel, frozen=True):
    """A document that the catalog has and of which `what` is not stored: its `text`, or its part of the `index`."""

    source: str
    key: str
    what: str


class Manifest(BaseModel):
    """A backup as a whole. `revision` is the catalog schema's, `version` the assistant's that made it.

    `sparse_embedder` is empty where there was none, as in backups of earlier versions.
    """

    format: int
    version: str
    revision: str
    created: str
    embedder: Model
    picture_embedder: Model | None
    sparse_embedder: str = ""
    sources: int
    documents: int
    chunks: int
    points: int
    files: int
    bytes: int
    missing: list[Missing]
    files_sha256: str


def silent(*_: object) -> None:
    """Show no progress."""


def list_files(folder: Path, on_progress: OnProgress) -> tuple[int, int, str]:
    """Write `files.jsonl` for everything below `folder`. Returns the files' number, their bytes, the list's SHA-256."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    digest, size = hashlib.sha256(), 0
    with ThreadPoolExecutor(THREADS) as pool, (folder / FILES).open("wb") as file:
        for number, (path, (length, sha256)) in enumerate(zip(paths, pool.map(_measure, paths), strict=True), start=1):
            entry = {"path": path.relative_to(folder).as_posix(), "size": length, "sha256": sha256}
            line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
            file.write(line)
            digest.update(line)
            size += length
            on_progress("checking", number, len(paths))
    return len(paths), size, digest.hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, after everything else in the folder has reached the disk."""
    os.sync()
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """Return what the backup in `folder` says of itself.

    Raises:
        BackupError: it is no finished backup, or a newer one than this assistant reads.
    """
    path = folder / MANIFEST
    try:
        stored = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise BackupError(
            f"{folder} holds no finished backup: there is no {MANIFEST}", "name a backup's folder"
        ) from None
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}", "check its owner and mode") from error
    except ValueError as error:
        raise BackupError(f"the backup in {folder} is damaged: {MANIFEST} is not JSON: {error}", _DAMAGED) from error
    found = stored.get("format") if isinstance(stored, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise BackupError(
            f"the backup in {folder} was made by version {stored.get('version')}, whose backups are newer",
            "install that version or a later one",
        )
    try:
        return Manifest.model_validate(stored)
    except ValidationError as error:
        reason = error.errors()[0]
        raise BackupError(
            f"the backup in {folder} is damaged: {MANIFEST}: {reason['loc']}: {reason['msg']}", _DAMAGED
        ) from error


def verify_files(folder: Path, manifest: Manifest, on_progress: OnProgress) -> None:
    """Compare every file of the backup with the list.

    Raises:
        BackupError: a file is missing, cut or changed; the message names the first one.
    """
    try:
        listed = (folder / FILES).read_bytes()
    except OSError as error:
        raise BackupError(f"the backup in {folder} is damaged: {FILES}: {error.strerror}", _DAMAGED) from error
    if hashlib.sha256(listed).hexdigest() != manifest.files_sha256:
        raise BackupError(f"the backup in {folder} is damaged: {FILES} is not the list that was written", _DAMAGED)
    entries = (json.loads(line) for line in listed.splitlines())
    done = 0
    with ThreadPoolExecutor(THREADS) as pool:
        while part := list(islice(entries, _AT_ONCE)):
            paths = [_inside(folder, entry["path"]) for entry in part]
            for entry, found in zip(part, pool.map(_measure_or_none, paths), strict=True):
                done += 1
                if found != (entry["size"], entry["sha256"]):
                    what = "is missing" if found is None else "is not what was written"
                    raise BackupError(f"the backup in {folder} is damaged: {entry['path']} {what}", _DAMAGED)
                on_progress("checking", done, manifest.files)
    if done != manifest.files:
        raise BackupError(f"the backup in {folder} is damaged: {done} files for {manifest.files}", _DAMAGED)


def listed_paths(folder: Path, below: str) -> Iterator[str]:
    """Yield the listed paths below `below`, relative to it."""
    with (folder / FILES).open("rb") as file:
        for line in file:
            path = str(json.loads(line)["path"])
            if path.startswith(f"{below}/"):
                yield path.removeprefix(f"{below}/")


def place_error(path: Path, error: OSError) -> AssistantError:
    """Return the error that an operating-system error at a backup's place stands for."""
    import errno

    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(f"no space left at {path}", "free some space, or choose another folder")
    return BackupError(f"{path} cannot be used: {error.strerror or error}", "choose another folder")


def _inside(folder: Path, path: str) -> Path:
    parts = path.split("/")
    if any(part in {"", ".", ".."} or "\0" in part for part in parts):
        raise BackupError(f"the backup in {folder} lists {path!r}, which does not lie in it", _DAMAGED)
    return folder.joinpath(*parts)


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), sha256


def _measure_or_none(path: Path) -> tuple[int, str] | None:
    try:
        return _measure(path)
    except (FileNotFoundError, IsADirectoryError):
        return None


def lines_out(values: Any) -> bytes:
    """Return one line of JSON."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"
