"""A folder that is filled beside the place where it is to be, and moved there when it is whole."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.backup.manifest import place_error
from assistant.errors import BackupError

_LOCK = ".lock"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Yield an empty folder, for its owner only, that becomes `folder` at the end, or is removed after an exception.

    What a killed process left is taken over: nobody mistakes it for `folder`.

    Raises:
        BackupError: there is something at `folder`, another process is filling it, or it cannot be made.
    """
    _must_be_free(folder)
    stage = folder.with_name(f".{folder.name}.partial")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage.mkdir(mode=0o700, exist_ok=True)
        stage.chmod(0o700)
        descriptor = os.open(stage / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise place_error(folder, error) from error
    try:
        _lock(descriptor, folder)
        _empty(stage)
        try:
            yield stage
            _close_to_others(stage)
            _move(stage, folder)
        except BaseException:
            shutil.rmtree(stage, ignore_errors=True)
            raise
    except OSError as error:
        raise place_error(folder, error) from error
    finally:
        os.close(descriptor)


def _must_be_free(folder: Path) -> None:
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise place_error(folder, error) from error
    if taken:
        raise BackupError(f"{folder} is there already, and not empty", "name a new folder: every backup has its own")
    if folder.is_mount():
        raise BackupError(f"{folder} is a disk of its own", f"name a new folder on it, such as {folder / 'backup'}")


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise BackupError(f"another process is making a backup in {folder}", "wait for it, or name another") from error


def _empty(stage: Path) -> None:
    for path in stage.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != _LOCK:
            path.unlink()


def _close_to_others(stage: Path) -> None:
    """Let nobody else read what is in the folder, wherever it is copied to."""
    for path in stage.rglob("*"):
        if path.is_dir():
            path.chmod(0o700)
        elif path.stat().st_nlink == 1:  # else it is the store's own file as well, and has the store's mode
            path.chmod(0o600)


def _move(stage: Path, folder: Path) -> None:
    (stage / _LOCK).unlink()
    stage.rename(folder)  # an empty folder there gives way
    parent = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)
