"""What is in documents: their members, with the members of those."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.catalog.models import DocumentRow

_IN_LIMIT = 500  # bound variables in one statement; SQLite's own limit is higher, its planner's patience is not


def below(session: Session, document_ids: Sequence[str]) -> dict[str, str]:
    """Return the ids of the documents' members, of theirs and so on, with the one of the documents that each is in."""
    found: dict[str, str] = {}
    level = list(document_ids)
    while level:
        deeper: list[str] = []
        for start in range(0, len(level), _IN_LIMIT):
            of_part = DocumentRow.parent.in_(level[start : start + _IN_LIMIT])
            for member, parent in session.execute(select(DocumentRow.id, DocumentRow.parent).where(of_part)):
                found[member] = found.get(str(parent), str(parent))
                deeper.append(member)
        level = deeper
    return found
