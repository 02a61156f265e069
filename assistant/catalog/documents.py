"""The catalog's documents: which version is current, and who may read it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow, GrantRow
from assistant.catalog.records import KnownDocument
from assistant.types import Access, DocumentInfo, DocumentRef, User

_IN_LIMIT = 500  # bound variables in one statement; SQLite's own limit is higher, its planner's patience is not


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that is ready in the index and shall become the current one."""

    info: DocumentInfo
    mark: str | None
    pipeline: str
    access_from_source: bool


class Documents:
    """Reads and changes the table of documents. Everything that reads for a person takes that `user`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_current(self, versions: Sequence[NewVersion]) -> None:
        """Make these versions the current ones, all of them in one transaction."""
        now = time.time()
        with self._database.write() as session:
            for new in versions:
                _store(session, new, now)

    def set_access(self, document_id: str, access: Access) -> None:
        """Replace who may read the document; in force from the next read on."""
        with self._database.write() as session:
            row = session.get(DocumentRow, document_id)
            if row is not None:
                _replace_grants(session, document_id, access)

    def set_mark(self, document_id: str, mark: str | None, pipeline: str) -> None:
        """Record that the document is unchanged at the source's mark `mark`."""
        with self._database.write() as session:
            row = session.get(DocumentRow, document_id)
            if row is not None:
                row.mark = mark
                row.pipeline = pipeline

    def forget(self, document_ids: Sequence[str]) -> int:
        """Remove the documents: no read finds them from now on. Returns how many were there."""
        statement = delete(DocumentRow).where(DocumentRow.id.in_(list(document_ids))).returning(DocumentRow.id)
        with self._database.write() as session:
            return len(session.execute(statement).all())

    def known(self, source: str, keys: Sequence[str] | None = None) -> dict[str, KnownDocument]:
        """Return the current documents of a source by key, all or those at `keys`, for telling what changed."""
        query = select(DocumentRow).where(DocumentRow.source == source)
        queries = [query]
        if keys is not None:
            starts = range(0, len(keys), _IN_LIMIT)
            queries = [query.where(DocumentRow.key.in_(list(keys[start : start + _IN_LIMIT]))) for start in starts]
        with self._database.read() as session:
            return {
                row.key: KnownDocument(
                    row.key, row.version, row.mark, row.pipeline, row.media_type, _access(row), row.access_from_source
                )
                for part in queries
                for row in session.scalars(part)
            }

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that exist and that the user may read, by id."""
        ids = list(dict.fromkeys(document_ids))
        found: dict[str, DocumentInfo] = {}
        with self._database.read() as session:
            for start in range(0, len(ids), _IN_LIMIT):
                part = ids[start : start + _IN_LIMIT]
                query = select(DocumentRow).where(DocumentRow.id.in_(part), *_readable(user))
                found.update((row.id, _info(row)) for row in session.scalars(query))
        return found

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> list[DocumentInfo]:
        """Return the documents the user may read, by source and key."""
        query = select(DocumentRow).where(*_readable(user)).order_by(DocumentRow.source, DocumentRow.key)
        if sources is not None:
            query = query.where(DocumentRow.source.in_(list(sources)))
        if limit is not None or offset:
            query = query.limit(limit).offset(offset)
        with self._database.read() as session:
            return [_info(row) for row in session.scalars(query)]

    def count(self, user: User, sources: Sequence[str] | None = None) -> tuple[int, int]:
        """Return how many documents, and how many chunks in them, the user may read."""
        query = select(func.count(), func.coalesce(func.sum(DocumentRow.chunks), 0)).where(*_readable(user))
        if sources is not None:
            query = query.where(DocumentRow.source.in_(list(sources)))
        with self._database.read() as session:
            documents, chunks = session.execute(query.select_from(DocumentRow)).one()
        return documents, int(chunks)

    def current_versions(self, source: str | None = None) -> dict[str, str]:
        """Return the current version of every document by id, for comparing the index with the catalog."""
        query = select(DocumentRow.id, DocumentRow.version)
        if source is not None:
            query = query.where(DocumentRow.source == source)
        with self._database.read() as session:
            return {row.id: row.version for row in session.execute(query)}


def _readable(user: User) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for what the user may read: an allowed principal and no denied one."""
    if user.reads_everything:
        return ()
    return (_granted(user, allowed=True), ~_granted(user, allowed=False))


def _granted(user: User, *, allowed: bool) -> ColumnElement[bool]:
    return exists().where(
        GrantRow.document_id == DocumentRow.id,
        GrantRow.principal.in_(sorted(user.principals)),
        GrantRow.allowed.is_(allowed),
    )


def _store(session: Session, new: NewVersion, now: float) -> None:
    info, ref = new.info, new.info.ref
    row = session.get(DocumentRow, ref.id) or DocumentRow(id=ref.id, source=ref.source, key=ref.key)
    row.version = ref.version
    row.mark = new.mark
    row.pipeline = new.pipeline
    row.access_from_source = new.access_from_source
    row.title = ref.title
    row.uri = ref.uri
    row.media_type = ref.media_type
    row.pages = info.pages
    row.chunks = info.chunks
    row.characters = info.characters
    row.tokens = info.tokens
    row.updated_at = now
    session.add(row)
    session.flush()
    _replace_grants(session, ref.id, ref.access)


def _replace_grants(session: Session, document_id: str, access: Access) -> None:
    session.execute(delete(GrantRow).where(GrantRow.document_id == document_id))
    session.add_all(GrantRow(document_id=document_id, principal=name, allowed=True) for name in sorted(access.allow))
    session.add_all(GrantRow(document_id=document_id, principal=name, allowed=False) for name in sorted(access.deny))


def _access(row: DocumentRow) -> Access:
    return Access(
        allow=frozenset(grant.principal for grant in row.grants if grant.allowed),
        deny=frozenset(grant.principal for grant in row.grants if not grant.allowed),
    )


def _info(row: DocumentRow) -> DocumentInfo:
    ref = DocumentRef(row.source, row.key, row.version, row.title, row.uri, row.media_type, _access(row))
    return DocumentInfo(ref, row.pages, row.chunks, row.characters, row.tokens)
