"""Remembers how far a listing came that broke off, so that the next one goes on there and takes nothing for deleted."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable

from assistant.catalog import SourceRecord
from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore

_FOLDER = "listings"


class Resumption:
    """The keys of one source that were listed up to a cursor, in a listing that did not come to its end.

    Args:
        blobs: hold them.
        source: its name.
    """

    def __init__(self, blobs: BlobStore, source: str) -> None:
        self._blobs = blobs
        self._blob = _blob_of(source)

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


def broken_off(blobs: BlobStore, sources: Iterable[SourceRecord]) -> frozenset[str]:
    """Return the names of those sources whose last listing broke off, so that the next one goes on where it did."""
    asked = [one for one in sources if one.failed_syncs and one.cursor is not None]
    if not asked:
        return frozenset()
    kept = set(blobs.keys(_FOLDER))
    return frozenset(one.name for one in asked if _blob_of(one.name) in kept)


def _blob_of(source: str) -> str:
    return f"{_FOLDER}/{hashlib.sha256(source.encode()).hexdigest()[:32]}"
