"""Originals and extracted text in a folder."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import ConfigurationError, NotFoundError, StorageError, StorageFullError


class FolderBlobs:
    """A `BlobStore` with one file a key.

    Args:
        folder: made when the first blob is stored.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, data: bytes) -> None:
        """See `interfaces.BlobStore`: a reader finds the old bytes or the new ones, never a part."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
                temporary = Path(file.name)
                try:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                    temporary.replace(path)
                except BaseException:
                    temporary.unlink(missing_ok=True)
                    raise
        except OSError as error:
            raise _storage_error(error, path) from error

    def get(self, key: str) -> bytes:
        """See `interfaces.BlobStore`."""
        path = self._path(key)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"nothing is stored under {key!r}", "sync its source again") from None
        except OSError as error:
            raise _storage_error(error, path) from error

    def delete(self, prefix: str) -> None:
        """See `interfaces.BlobStore`."""
        path = self._path(prefix)
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            return  # another worker deleted the same document at the same time
        except OSError as error:
            raise _storage_error(error, path) from error

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See `interfaces.BlobStore`."""
        start = self._path(prefix) if prefix else self._folder
        if start.is_file():
            yield prefix
        for folder, _, names in os.walk(start):
            for name in sorted(names):
                if not name.startswith(".new-"):
                    yield (Path(folder) / name).relative_to(self._folder).as_posix()

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if not key or any(part in {"", ".", ".."} or "\0" in part for part in parts):
            raise ConfigurationError(f"{key!r} is not a blob's key")
        return self._folder.joinpath(*parts)


def _storage_error(error: OSError, path: Path) -> StorageError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(f"the disk is full: {path} cannot be written", "free some space, then sync again")
    return StorageError(f"{path} cannot be used: {error.strerror}", "check the home's owner and mode")
