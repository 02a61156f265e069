"""Who may read a document, in SQL, and what a row of the table of documents says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, or_

from assistant.catalog.models import DocumentRow, GrantRow
from assistant.catalog.openings import still_open
from assistant.types import Access, DocumentInfo, DocumentRef, Metadata, User


def readable_by(user: User, sources: Sequence[str] | None = None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for what the user may read of these sources: `types.may_read`, in SQL."""
    within = () if sources is None else (DocumentRow.source.in_(list(sources)),)
    if user.reads_everything:
        return within
    granted = and_(_granted(user, allowed=True), ~_granted(user, allowed=False))
    return (*within, or_(granted, still_open(user)) if user.opened else granted)


def _granted(user: User, *, allowed: bool) -> ColumnElement[bool]:
    return exists().where(
        GrantRow.document_id == DocumentRow.id,
        GrantRow.principal.in_(sorted(user.principals)),
        GrantRow.allowed.is_(allowed),
    )


def info_of(row: DocumentRow) -> DocumentInfo:
    """Return what a row says of its document."""
    ref = DocumentRef(
        row.source, row.key, row.version, row.title, row.uri, row.media_type, access_of_row(row), row.flagged
    )
    metadata = Metadata(tuple(row.authors or ()), row.created, row.modified, row.language)
    return DocumentInfo(ref, row.pages, row.chunks, row.characters, row.tokens, metadata)


def access_of_row(row: DocumentRow) -> Access:
    """Return who may read a row's document."""
    return Access(
        allow=frozenset(grant.principal for grant in row.grants if grant.allowed),
        deny=frozenset(grant.principal for grant in row.grants if not grant.allowed),
    )
