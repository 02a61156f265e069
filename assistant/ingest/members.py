"""Documents inside documents: the files of an archive and the attachments of a mail, as documents of their own.

A member's key is `PARENT!/NAME`. Its bytes wait in the blob store until it is indexed; the work on it is recorded in
the transaction that makes its parent current. It has its parent's readers, always, and goes when its parent goes.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.access.stored_text import member_key, original_key
from assistant.catalog import JobRecord, KnownDocument, Surroundings
from assistant.errors import DocumentTooLargeError, DocumentUnreadableError, NotFoundError
from assistant.ingest.leases import unwatched
from assistant.interfaces import BlobStore
from assistant.types import Document, DocumentRef, RawDocument, document_id

SEPARATOR = "!/"
MAX_DEPTH = 3
MAX_IN_TREE = 50_000  # of one listed document, on all levels
MAX_BYTES_IN_TREE = 2_000_000_000
_MOST_KEPT = 10_000
_MAX_KEY = 2_000  # bytes: Postgres keeps no longer ones in an index


class Ledger:
    """Counts what was unpacked of each listed document in each run, over all its levels. One a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._unpacked: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}

    def add(self, run_id: str, outermost: str, key: str, count: int, size: int) -> tuple[int, int]:
        """Note that `key` held `count` members of `size` bytes together, and return the outermost document's totals.

        Doing it again changes nothing: a document may be prepared more than once in a run.
        """
        with self._lock:
            if len(self._unpacked) >= _MOST_KEPT:
                self._unpacked.pop(next(iter(self._unpacked)))
            tree = self._unpacked.pop((run_id, outermost), {})
            tree[key] = (count, size)
            self._unpacked[run_id, outermost] = tree
            return sum(held for held, _ in tree.values()), sum(held for _, held in tree.values())


@dataclass(frozen=True, slots=True)
class Members:
    """Stores and hands out members of the documents of one source.

    Args:
        source: its name.
        blobs: hold the bytes.
        known: the source's current documents by key, the parents among them.
        around: returns what is around a member, by its parent's id and its own.
        ledger: knows what was unpacked before.
    """

    source: str
    blobs: BlobStore
    known: Mapping[str, KnownDocument]
    around: Callable[[str, str], Surroundings]
    ledger: Ledger

    def store(
        self, document: Document, job: JobRecord, advanced: Callable[[], None] = unwatched
    ) -> tuple[tuple[str, str], ...]:
        """Store the members of a document and return their keys and digests.

        Args:
            document: as it was parsed.
            job: the work on it.
            advanced: called after every member.

        Raises:
            DocumentTooLargeError: too many members, too many bytes, or one in the other too deep.
            StorageFullError: the disk is full.
        """
        if not document.members:
            return ()
        ref = document.ref
        self._check(document, job)
        stored = []
        for member in document.members:
            key = f"{ref.key}{SEPARATOR}{member.name}"
            if len(key.encode()) > _MAX_KEY:
                raise DocumentTooLargeError(
                    f"{ref.key}: the path of a file in it is too long: {key[:200]}…", "shorten it"
                )
            digest = hashlib.sha256(member.data).hexdigest()[:32]
            self.blobs.put(member_key(ref.id, document_id(self.source, key), digest), member.data)
            stored.append((key, digest))
            advanced()
        return tuple(stored)

    def fetch(self, job: JobRecord) -> RawDocument:
        """Return a member's bytes, with its parent's readers.

        Raises:
            NotFoundError: its parent is not there any more.
            DocumentUnreadableError: its bytes are not stored any more.
        """
        outer = _parent_key(self.source, job)
        parent = self.known.get(outer)
        if parent is None:
            raise NotFoundError(f"{job.key}: what it is part of is gone")
        name = job.key[len(outer) + len(SEPARATOR) :]
        title = name.rpartition("/")[2]
        uri = f"{parent.uri}{SEPARATOR}{name}"
        return RawDocument(job.key, self._bytes(job), "", title, uri, parent.access)

    def _check(self, document: Document, job: JobRecord) -> None:
        """Refuse what would grow too much: archives in archives multiply, each of them within its own limits."""
        around = Surroundings(job.key, 0, 0)
        if job.parent is not None:
            around = self.around(job.parent, document.ref.id)
        if around.depth >= MAX_DEPTH:
            raise DocumentTooLargeError(
                f"{job.key}: it holds documents at a depth of more than {MAX_DEPTH}", "unpack it and add what it holds"
            )
        size, held = sum(len(member.data) for member in document.members), len(document.members)
        count, total = self.ledger.add(job.run_id, around.outermost, job.key, held, size)
        if max(count, held + around.others) > MAX_IN_TREE or total > MAX_BYTES_IN_TREE:
            raise DocumentTooLargeError(
                f"{job.key}: {around.outermost} holds over {MAX_IN_TREE:,} documents or {MAX_BYTES_IN_TREE:,} bytes",
                "split it",
            )

    def _bytes(self, job: JobRecord) -> bytes:
        wanted = document_id(self.source, job.key)
        known = self.known.get(job.key)
        places = [member_key(job.parent or "", wanted, job.mark or "")]
        if known is not None and (known.parent, known.mark) == (job.parent, job.mark):
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
    """Return the keys of the jobs, of the documents that their members are part of, and those they had before."""
    parents = [_parent_key(job.source, job) for job in jobs if job.parent is not None]
    origins = [job.origin for job in jobs if job.origin is not None]
    return list(dict.fromkeys([*(job.key for job in jobs), *parents, *origins]))


def _parent_key(source: str, job: JobRecord) -> str:
    """Return the key of the document that a job's is a member of: names may hold the separator, so its id decides."""
    at = job.key.find(SEPARATOR)
    while at >= 0:
        if document_id(source, job.key[:at]) == job.parent:
            return job.key[:at]
        at = job.key.find(SEPARATOR, at + 1)
    return ""
