"""The catalog's uploads: files that people brought themselves, and who else may read them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow, JobRow, SourceRow, UploadRow
from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Access

UPLOADS = "uploads"  # the kind of the sources that hold uploads


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """A file that a person uploaded.

    Args:
        id: of this content; another one under the same key has another.
        source: the person's source of uploads.
        key: its name, and the key of its document.
        user: the person's id.
        media_type: what its content was found to be.
        size: in bytes.
        digest: SHA-256 of the content.
        readers: principals that may read it beside the person, sorted.
        created_at: when it was uploaded.
    """

    id: str
    source: str
    key: str
    user: str
    media_type: str
    size: int
    digest: str
    readers: tuple[str, ...]
    created_at: float

    @property
    def access(self) -> Access:
        """Who may read it: the person, and those it is shared with."""
        return Access(allow=frozenset({f"user:{self.user}", *self.readers}))

    @property
    def mark(self) -> str:
        """What the source says of its version: it changes with the content, and with who may read it."""
        who = hashlib.sha256(json.dumps(self.readers).encode()).hexdigest()[:16]
        return f"{self.digest}-{who}"

    def holds(self, mark: str | None) -> bool:
        """Whether a version of that mark has this content, whoever may read it."""
        return mark is not None and mark.partition("-")[0] == self.digest


class Uploads:
    """Reads and changes the table of uploads. There is one row a person and key at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self, record: UploadRecord, quota: int, *, keep_readers: bool = False
    ) -> tuple[UploadRecord, UploadRecord | None]:
        """Record an upload in place of the person's former one of that key.

        Args:
            record: the new one.
            quota: how many bytes the person's uploads may have together; 0: any number.
            keep_readers: leave it shared as the former one was.

        Returns:
            What is recorded now, and what it replaced.

        Raises:
            NotFoundError: its source is gone.
            DocumentTooLargeError: it would go over the quota; nothing is changed.
        """
        with self._database.write() as session:
            # of several at the same time, each sees what the others have added
            if session.get(SourceRow, record.source, with_for_update=True) is None:
                raise NotFoundError(f"there is no source {record.source!r}", "upload the file again")
            row = session.scalar(_at(record.source, record.key))
            former = None if row is None else _record(row)
            used = _used(session, record.user) - (former.size if former else 0)
            if quota and used + record.size > quota:
                raise DocumentTooLargeError(
                    f"{record.key} has {record.size:,} bytes, and of your {quota:,} bytes for uploads"
                    f" {max(0, quota - used):,} are left",
                    "remove uploads that you need no more, or ask an admin to raise upload_quota_mb",
                )
            if former is not None and keep_readers:
                record = replace(record, readers=former.readers)
            if row is not None:
                session.delete(row)
                session.flush()
            session.add(_row(record))
            return record, former

    def of(self, user: str) -> list[UploadRecord]:
        """Return the person's uploads by key."""
        query = select(UploadRow).where(UploadRow.user == user).order_by(UploadRow.source, UploadRow.key)
        with self._database.read() as session:
            return [_record(row) for row in session.scalars(query)]

    def find(self, user: str, key: str) -> UploadRecord | None:
        """Return the person's upload of that key, or None."""
        with self._database.read() as session:
            row = session.scalars(_of_person(user, key)).first()
            return None if row is None else _record(row)

    def get(self, user: str, key: str) -> UploadRecord:
        """Return the person's upload of that key. Raises NotFoundError."""
        found = self.find(user, key)
        if found is None:
            raise NotFoundError(f"you have uploaded nothing called {key!r}", "see your list of uploads")
        return found

    def used(self, user: str) -> int:
        """Return how many bytes the person's uploads have together."""
        with self._database.read() as session:
            return _used(session, user)

    def set_readers(self, user: str, key: str, readers: Sequence[str]) -> UploadRecord:
        """Replace the principals that may read an upload beside the person. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalars(_of_person(user, key)).first()
            if row is None:
                raise NotFoundError(f"you have uploaded nothing called {key!r}", "see your list of uploads")
            row.readers = {"allow": sorted(readers)}
            return _record(row)

    def remove(self, upload_id: str) -> None:
        """Forget an upload; one that took its place meanwhile stays."""
        with self._database.write() as session:
            session.execute(delete(UploadRow).where(UploadRow.id == upload_id))

    def behind(self) -> list[str]:
        """Return the sources of uploads whose changes no sync has taken up yet, by name.

        Those that are paused, or whose last sync failed and is not to be tried again by now, are left out.
        """
        document = and_(DocumentRow.source == UploadRow.source, DocumentRow.key == UploadRow.key)
        job = and_(JobRow.source == UploadRow.source, JobRow.key == UploadRow.key)
        held = select(UploadRow, DocumentRow.mark, JobRow.mark)
        held = held.outerjoin(DocumentRow, document).outerjoin(JobRow, job)
        work = and_(JobRow.source == DocumentRow.source, JobRow.key == DocumentRow.key)
        removed = select(DocumentRow.source).outerjoin(UploadRow, document).outerjoin(JobRow, work)
        removed = removed.where(DocumentRow.parent.is_(None), UploadRow.id.is_(None), JobRow.id.is_(None))
        failed = select(JobRow.source).outerjoin(UploadRow, job)
        failed = failed.where(JobRow.parent.is_(None), UploadRow.id.is_(None), JobRow.state == "failed")
        can_be_synced = or_(SourceRow.failed_syncs == 0, SourceRow.retry_at <= time.time())
        ours = select(SourceRow.name).where(SourceRow.kind == UPLOADS, SourceRow.state == "active", can_be_synced)
        with self._database.read() as session:
            rows = session.execute(held.where(UploadRow.source.in_(ours)))
            late = {row.source for row, *marks in rows if _record(row).mark not in marks}
            late.update(session.scalars(removed.where(DocumentRow.source.in_(ours))))
            late.update(session.scalars(failed.where(JobRow.source.in_(ours))))
        return sorted(late)


def _at(source: str, key: str) -> Select[UploadRow]:
    return select(UploadRow).where(UploadRow.source == source, UploadRow.key == key)


def _of_person(user: str, key: str) -> Select[UploadRow]:
    return select(UploadRow).where(UploadRow.user == user, UploadRow.key == key)


def _used(session: Session, user: str) -> int:
    query = select(func.coalesce(func.sum(UploadRow.size), 0)).where(UploadRow.user == user)
    return int(session.scalar(query) or 0)


def _row(record: UploadRecord) -> UploadRow:
    return UploadRow(
        id=record.id,
        source=record.source,
        key=record.key,
        user=record.user,
        media_type=record.media_type,
        size=record.size,
        digest=record.digest,
        readers={"allow": list(record.readers)},
        created_at=record.created_at,
    )


def _record(row: UploadRow) -> UploadRecord:
    return UploadRecord(
        id=row.id,
        source=row.source,
        key=row.key,
        user=row.user,
        media_type=row.media_type,
        size=row.size,
        digest=row.digest,
        readers=tuple(sorted(row.readers.get("allow", ()))),
        created_at=row.created_at,
    )
