"""Keeps readers from coming into force that a former rule gave, or whom an upload is not shared with any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from assistant.catalog.models import DocumentRow, SourceRow, UploadRow
from assistant.catalog.readable import access_of_row
from assistant.catalog.uploads import UPLOADS
from assistant.types import Access
from assistant.types.access import UNFINISHED, WITHDRAWN

Rule = Mapping[str, Any]


def present_rules(session: Session, sources: Iterable[str]) -> dict[str, Rule]:
    """Return the rules of these sources, which stay what they are until the transaction's end.

    Whoever replaces one waits for that, and finds then what was stored by it: nothing slips in between.
    """
    query = select(SourceRow.name, SourceRow.readers).where(SourceRow.name.in_(sorted(sources)))
    return {row.name: row.readers for row in session.execute(query.with_for_update(read=True))}


def ruled(row: DocumentRow | None, access: Access, rule: Rule | None, present: Rule | None) -> Access:
    """Return the readers that a document is given.

    Args:
        row: the document as it is; None where it is new.
        access: what was worked out for it.
        rule: by which that was; None where it was by none.
        present: the source's rule now; None where there is no such source.

    Returns:
        `access`; by a rule that is no more, of it only what is in force, until a sync works it out by the present one.
    """
    if rule is None or present is None or present == rule:
        return access
    before = Access(frozenset()) if row is None else access_of_row(row)
    return Access(before.allow & access.allow, before.deny | access.deny | {UNFINISHED})


def shared(session: Session, source: str, key: str, access: Access) -> Access:
    """Return the readers that a document is given whose source says who they are.

    Args:
        session: the transaction in which they are stored; an upload stays as it is until its end.
        source, key: the document's.
        access: what was worked out for it.

    Returns:
        `access`; of an upload, of it only whom the person shares it with now, and nobody where it was removed.
    """
    record = session.get(SourceRow, source)
    if record is None or record.kind != UPLOADS:
        return access
    query = select(UploadRow).where(UploadRow.source == source, UploadRow.key == key)
    row = session.scalar(query.with_for_update(read=True))
    if row is None:
        return Access(frozenset(), access.deny | {WITHDRAWN})
    now = {f"user:{row.user}", *row.readers.get("allow", ())}
    return access if access.allow <= now else Access(access.allow & now, access.deny | {UNFINISHED})
