"""Remembers how far a listing came that broke off, so that the next one goes on there and takes nothing for deleted."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable

from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore


class Resumption:
    """The keys of one source that were listed up to a cursor, in a listing that did not come to its end.

    Args:
        blobs: hold them.
        source: its name.
    """

    def __init__(self, blobs: BlobStore, source: str) -> None:
        self._blobs = blobs
        self._blob = f"listings/{hashlib.sha256(source.encode()).hexdigest()[:32]}"

    def load(self, cursor: str | None) -> frozenset[str]:
        """Return the keys that were listed before a listing that goes on from `cursor`; none where it begins anew."""
        if cursor is None:
            return frozenset()
        try:
            kept = json.loads(zlib.decompress(self._blobs.get(self._blob)))
        except NotFoundError:
            return frozenset()
        return frozenset(kept["keys"]) if kept["cursor"] == cursor else frozenset()

    def save(self, cursor: str, keys: Iterable[str]) -> None:
        """Remember what was listed up to `cursor`. Raises StorageFullError."""
        kept = {"cursor": cursor, "keys": sorted(keys)}
        self._blobs.put(self._blob, zlib.compress(json.dumps(kept).encode()))

    def clear(self) -> None:
        """Forget it: a listing came to its end, or the source goes."""
        self._blobs.delete(self._blob)
