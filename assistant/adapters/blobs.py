"""Originals and extracted text in a folder."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import ConfigurationError, NotFoundError, StorageError, StorageFullError

_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


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

    def export(self, key: str, path: Path) -> None:
        """See `interfaces.BlobStore`: by a hard link where one can be made, for a stored file is never written to."""
        source = self._path(key)
        if not source.is_file():
            raise NotFoundError(f"nothing is stored under {key!r}", "sync its source again")
        temporary = path.with_name(f".new-{path.name}")
        temporary.unlink(missing_ok=True)
        try:
            try:
                os.link(source, temporary)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                _copy(source, temporary)
            temporary.replace(path)
        except FileNotFoundError:
            if path.parent.is_dir():  # deleted meanwhile
                raise NotFoundError(f"nothing is stored under {key!r}", "sync its source again") from None
            raise
        finally:
            temporary.unlink(missing_ok=True)  # two links to one file: renaming one over the other leaves both

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


def _copy(source: Path, path: Path) -> None:
    """Copy into a file that only its owner may read. What is deleted meanwhile is still read to its end."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file, source.open("rb") as stored:
        shutil.copyfileobj(stored, file, 1 << 20)


def _storage_error(error: OSError, path: Path) -> StorageError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StorageFullError(f"the disk is full: {path} cannot be written", "free some space, then sync again")
    return StorageError(f"{path} cannot be used: {error.strerror}", "check the home's owner and mode")
