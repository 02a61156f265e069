"""Room on the disk, counted before it is needed, and small files written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import AssistantError, HomeNotWritableError, StorageError, StorageFullError

MEGABYTE = 1 << 20
_BLOCK = MEGABYTE
_PLENTY = 2048 * MEGABYTE  # with so much left, the holes need no counting


class Disk:
    """The disk below a folder that a memory-mapping engine writes to.

    Such an engine makes sparse files and fills their holes later. A hole that cannot be filled ends the process with
    SIGBUS, without an error that could be caught; so callers ask first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, need: int) -> bool:
        """Whether `need` bytes are free."""
        return self._free() >= need

    def require(self, need: int, *, holes: bool = False) -> None:
        """Return if `need` bytes are free, with `holes` beyond what would fill the folder's sparse files.

        Raises:
            StorageFullError: less is free; the message says how much and how much is needed.
        """
        free = self._free()
        if holes and free < _PLENTY:
            need += sum(max(0, stat.st_size - 512 * stat.st_blocks) for stat in self._files())
        if free < need:
            raise StorageFullError(
                f"no space left in {self._folder}: {free // MEGABYTE} MB free, {-(-need // MEGABYTE)} MB needed",
                "free some space and try again; nothing that was stored is lost",
            )

    def used(self) -> int:
        """Return the bytes that the folder's files take."""
        return sum(512 * stat.st_blocks for stat in self._files())

    def _free(self) -> int:
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        disk = os.statvfs(there)
        return disk.f_bavail * disk.f_frsize

    def _files(self) -> Iterator[os.stat_result]:
        for root, _, names in os.walk(self._folder):
            for name in names:
                try:
                    yield (Path(root) / name).stat()
                except FileNotFoundError:  # the engine removes old segments while we look
                    continue


def write_durably(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all, and keep it through a power failure.

    Raises:
        OSError: as the system says; `path` is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def sync_folder(folder: Path) -> None:
    """Make all files and folders below a folder, and its own name, durable. Raises OSError."""
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # the engine removes old segments while we look
                _sync(Path(root) / name)
        _sync(Path(root))
    _sync(folder.parent)


def copy_sparsely(source: Path, target: Path) -> None:
    """Copy a folder, for its owner only; what is empty in its files takes no room in the copies either.

    Raises:
        OSError: the first one that is met; `target` is incomplete.
    """
    for root, _, names in os.walk(source):
        into = target / Path(root).relative_to(source)
        into.mkdir(mode=0o700)
        for name in names:
            _copy_file(Path(root) / name, into / name)


def _copy_file(source: Path, target: Path) -> None:
    with source.open("rb") as read, target.open("xb") as write:
        while block := read.read(_BLOCK):
            if block.count(0) == len(block):
                write.seek(len(block), os.SEEK_CUR)
            else:
                write.write(block)
        write.truncate()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def storage_error(path: Path, error: OSError) -> AssistantError:
    """Return the error that an operating-system error at `path` stands for."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(f"no space left at {path}", "free some space and try again")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
        return HomeNotWritableError(f"{path} cannot be written to: {error.strerror}", "choose another ASSISTANT_HOME")
    return StorageError(f"{path}: {error.strerror}")
