"""The ledger of an index that is built beside the current one: which versions it holds whole, and for whom.

An index lists versions, but a killed process may leave part of one. So what was written and flushed is noted here, in
the blob store, a segment a group of documents; a version counts as built only if both know it.
"""

from __future__ import annotations

import json
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.catalog import IndexedDocument
from assistant.errors import NotFoundError, StorageError
from assistant.interfaces import BlobStore
from assistant.types import Access

_FORMAT = 1
_MOST_SEGMENTS = 64  # more are joined when the ledger is loaded


@dataclass(slots=True)
class IndexLedger:
    """What is known of the documents in the index `name`; one process at a time writes it.

    `entries` are by document id: change them by `put` and `forget`, and make that last by `save`.
    """

    blobs: BlobStore
    name: str
    entries: dict[str, IndexedDocument] = field(default_factory=dict)
    _segments: list[str] = field(default_factory=list)
    _changed: set[str] = field(default_factory=set)

    def load(self) -> None:
        """Read what is stored, unless this object has read or written all of it. Raises StorageError."""
        stored = sorted(self.blobs.keys(self._prefix))
        if stored != self._segments:
            self.entries.clear()
            self._changed.clear()
            for key in stored:
                self._take(key)
            self._segments = stored
        if len(stored) > _MOST_SEGMENTS:
            self._join()

    def put(self, document: str, entry: IndexedDocument) -> None:
        """Note what the index holds of a document."""
        self.entries[document] = entry
        self._changed.add(document)

    def forget(self, document: str) -> None:
        """Note that the index does not hold the document."""
        if self.entries.pop(document, None) is not None:
            self._changed.add(document)

    def save(self) -> None:
        """Store what changed; to be called once the index is flushed. Raises StorageFullError."""
        if self._changed:
            gone = sorted(document for document in self._changed if document not in self.entries)
            noted = {document: self.entries[document] for document in sorted(self._changed.intersection(self.entries))}
            self._segments.append(self._write(noted, gone))
            self._changed.clear()

    def replace(self, entries: Mapping[str, IndexedDocument]) -> None:
        """Store these entries in place of all others. Raises StorageFullError."""
        self.load()
        self.entries = dict(entries)
        self._join()

    def delete(self) -> None:
        """Delete all that is stored."""
        self.blobs.delete(self._prefix)
        self.entries.clear()
        self._segments.clear()
        self._changed.clear()

    @property
    def _prefix(self) -> str:
        return f"reindex/{self.name}"

    def _join(self) -> None:
        """Store everything as one segment; killed in between, the older ones are still there, and read before it."""
        former = self._segments
        self._segments = [self._write(self.entries, [], whole=True)]
        self._changed.clear()
        for key in former:
            self.blobs.delete(key)

    def _write(self, noted: Mapping[str, IndexedDocument], gone: list[str], *, whole: bool = False) -> str:
        readers: dict[Access, int] = {}  # few are distinct
        rows = [
            [document, entry.version, entry.chunks, entry.tokens, readers.setdefault(entry.access, len(readers))]
            for document, entry in noted.items()
        ]
        lists = [[sorted(access.allow), sorted(access.deny)] for access in readers]
        value = {"format": _FORMAT, "whole": whole, "readers": lists, "documents": rows, "gone": gone}
        last = int(self._segments[-1].rsplit("/", 1)[1].split("-")[0]) if self._segments else 0
        key = f"{self._prefix}/{last + 1:010}-{uuid.uuid4().hex[:8]}"
        self.blobs.put(key, zlib.compress(json.dumps(value, separators=(",", ":")).encode(), level=1))
        return key

    def _take(self, key: str) -> None:
        try:
            value: Any = json.loads(zlib.decompress(self.blobs.get(key)))
            if value["whole"]:
                self.entries.clear()
            readers = [Access(frozenset(allow), frozenset(deny)) for allow, deny in value["readers"]]
            for document, version, chunks, tokens, number in value["documents"]:
                self.entries[document] = IndexedDocument(version, readers[number], chunks, tokens)
        except (ValueError, KeyError, TypeError, IndexError, zlib.error, NotFoundError) as error:
            raise StorageError(
                f"the ledger of the index {self.name!r} is damaged: {key}: {error}", "drop the index and build it anew"
            ) from error
        for document in value["gone"]:
            self.entries.pop(document, None)
