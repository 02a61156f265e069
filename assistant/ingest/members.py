"""Documents inside documents: the files of an archive and the attachments of a mail, as documents of their own.

A member's key is `PARENT!/NAME`. Its bytes wait in the blob store until it is indexed; the work on it is recorded in
the transaction that makes its parent current. It has its parent's readers, always, and goes when its parent goes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.access.stored_text import member_key, original_key
from assistant.catalog import JobRecord, KnownDocument
from assistant.errors import DocumentTooLargeError, DocumentUnreadableError, NotFoundError
from assistant.interfaces import BlobStore
from assistant.types import Document, DocumentRef, RawDocument, document_id

SEPARATOR = "!/"
MAX_DEPTH = 3
MAX_IN_TREE = 50_000  # of one listed document, on all levels
MAX_BYTES_IN_TREE = 2_000_000_000
_MOST_KEPT = 10_000


class Ledger:
    """Counts what was unpacked of each listed document in each run, over all its levels. One a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unpacked: dict[tuple[str, str], tuple[int, int]] = {}

    def add(self, run_id: str, outermost: str, count: int, size: int) -> tuple[int, int]:
        """Add `count` members of `size` bytes together, and return the document's totals."""
        with self._lock:
            if len(self._unpacked) >= _MOST_KEPT:
                self._unpacked.pop(next(iter(self._unpacked)))
            before = self._unpacked.pop((run_id, outermost), (0, 0))
            total = (before[0] + count, before[1] + size)
            self._unpacked[run_id, outermost] = total
            return total


@dataclass(frozen=True, slots=True)
class Members:
    """Stores and hands out members of the documents of one source.

    Args:
        source: its name.
        blobs: hold the bytes.
        known: the source's current documents by key, the parents among them.
        count_in_tree: returns how many members the outermost document around a document has on all levels.
        ledger: knows what was unpacked before.
    """

    source: str
    blobs: BlobStore
    known: Mapping[str, KnownDocument]
    count_in_tree: Callable[[str], int]
    ledger: Ledger

    def store(self, document: Document, job: JobRecord) -> tuple[str, ...]:
        """Store the members of a document and return their keys.

        Args:
            document: as it was parsed.
            job: the work on it.

        Raises:
            DocumentTooLargeError: too many members, too many bytes, or one in the other too deep.
            StorageFullError: the disk is full.
        """
        if not document.members:
            return ()
        ref = document.ref
        if ref.key.count(SEPARATOR) >= MAX_DEPTH:
            raise DocumentTooLargeError(
                f"{ref.key}: it holds documents at a depth of more than {MAX_DEPTH}", "unpack it and add what it holds"
            )
        self._check_total(document, job)
        keys = []
        for member in document.members:
            key = f"{ref.key}{SEPARATOR}{member.name}"
            self.blobs.put(member_key(ref.id, document_id(self.source, key)), member.data)
            keys.append(key)
        return tuple(keys)

    def fetch(self, job: JobRecord) -> RawDocument:
        """Return a member's bytes, with its parent's readers.

        Raises:
            NotFoundError: its parent is not there any more.
            DocumentUnreadableError: its bytes are not stored any more.
        """
        outer, _, name = job.key.rpartition(SEPARATOR)
        parent = self.known.get(outer)
        if parent is None:
            raise NotFoundError(f"{job.key}: {outer} is gone")
        title = name.rpartition("/")[2]
        uri = f"{parent.uri}{SEPARATOR}{name}"
        return RawDocument(job.key, self._bytes(job), "", title, uri, parent.access)

    def _check_total(self, document: Document, job: JobRecord) -> None:
        """Refuse what would grow too much: archives in archives multiply, each of them within its own limits."""
        size = sum(len(member.data) for member in document.members)
        outermost = job.key.split(SEPARATOR, 1)[0]
        count, total = self.ledger.add(job.run_id, outermost, len(document.members), size)
        if job.parent is not None:
            count = max(count, len(document.members) + self.count_in_tree(job.parent))
        if count > MAX_IN_TREE or total > MAX_BYTES_IN_TREE:
            raise DocumentTooLargeError(
                f"{job.key}: {outermost} holds over {MAX_IN_TREE:,} documents or {MAX_BYTES_IN_TREE:,} bytes in all",
                "split it",
            )

    def _bytes(self, job: JobRecord) -> bytes:
        wanted = document_id(self.source, job.key)
        known = self.known.get(job.key)
        places = [member_key(job.parent or "", wanted)]
        if known is not None:
            places.append(original_key(DocumentRef(self.source, job.key, known.version, "", "", "")))
        for place in places:
            try:
                return self.blobs.get(place)
            except NotFoundError:
                continue
        raise DocumentUnreadableError(
            f"{job.key}: its bytes are not stored any more",
            "change the file that holds it and sync: it is unpacked anew",
        )


def with_parents(jobs: Sequence[JobRecord]) -> list[str]:
    """Return the keys of the jobs and of the documents that their members are part of."""
    parents = [job.key.rpartition(SEPARATOR)[0] for job in jobs if job.parent is not None]
    return list(dict.fromkeys([*(job.key for job in jobs), *parents]))
