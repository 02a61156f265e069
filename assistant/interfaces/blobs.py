"""Where originals and extracted texts are stored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable


@runtime_checkable
class BlobStore(Protocol):
    """Originals and extracted text by key (`/`-separated)."""

    def put(self, key: str, data: bytes) -> None:
        """Store atomically and durably, replacing what was there. Raises StorageFullError."""
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises NotFoundError."""
        ...

    def export(self, key: str, path: Path) -> None:
        """Put the bytes into the file `path`, in a folder that exists; no later change of the store alters that file.

        Raises NotFoundError, and OSError where `path` cannot be written.
        """
        ...

    def delete(self, prefix: str) -> None:
        """Delete the key, or all keys below it; nothing there is no error."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below `prefix`."""
        ...
