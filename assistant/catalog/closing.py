"""Takes readers from many documents at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.generation import next_generation
from assistant.catalog.models import DocumentRow, GrantRow
from assistant.types import Access

_AT_ONCE = 500  # documents of one statement


def replace_readers(database: Database, readers: Mapping[Access, Sequence[str]]) -> None:
    """Give documents these readers, all in one transaction; in force from the next read on.

    Args:
        database: the catalog's.
        readers: and the ids of the documents that are to have them; members are not looked for, and what is gone by
            now is left out.
    """
    with database.write() as session:
        for access, ids in readers.items():
            for start in range(0, len(ids), _AT_ONCE):
                part = _held(session, ids[start : start + _AT_ONCE])
                session.execute(delete(GrantRow).where(GrantRow.document_id.in_(part)))
                session.add_all(
                    GrantRow(document_id=document, principal=name, allowed=allowed)
                    for document in part
                    for names, allowed in ((access.allow, True), (access.deny, False))
                    for name in sorted(names)
                )
        if readers:
            next_generation(session)


def _held(session: Session, ids: Sequence[str]) -> list[str]:
    """Return which of these documents are there, and keep them until the transaction ends: workers delete some."""
    query = select(DocumentRow.id).where(DocumentRow.id.in_(ids)).order_by(DocumentRow.id)
    return list(session.scalars(query.with_for_update(read=True, key_share=True)))
