"""Says of single documents whether a person may read them now, without reading again what has not changed.

Every search asks this of every hit. What the catalog said of a document is kept for one generation
(`catalog.generation`): each question reads the generation's number, which every change of documents and readers raises
in its own transaction, and forgets everything where that is another. So a right that is taken away holds from the next
question on, and what most questions cost is one number.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from assistant.catalog.database import Database
from assistant.catalog.generation import current_generation
from assistant.catalog.models import DocumentRow, GrantRow
from assistant.types import Access, DocumentInfo, DocumentRef, Metadata, User, may_read

_IN_LIMIT = 500  # bound variables in one statement; SQLite's own limit is higher, its planner's patience is not
_MOST = 20_000  # documents that are kept, of about 2 KB

_COLUMNS = (
    DocumentRow.id, DocumentRow.source, DocumentRow.key, DocumentRow.version, DocumentRow.title, DocumentRow.uri,
    DocumentRow.media_type, DocumentRow.pages, DocumentRow.chunks, DocumentRow.characters, DocumentRow.tokens,
    DocumentRow.authors, DocumentRow.created, DocumentRow.modified, DocumentRow.language, DocumentRow.flagged,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the catalog said in one generation; None: there is no such document."""

    number: int
    documents: dict[str, DocumentInfo | None] = field(default_factory=dict)


class Confirming:
    """See the module. Safe to use from several threads.

    Args:
        database: the catalog's.
        most: documents that are kept.
    """

    def __init__(self, database: Database, most: int = _MOST) -> None:
        self._database = database
        self._most = most
        self._mutex = threading.Lock()
        self._kept = _Kept(-1)

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that exist and that the user may read, by id."""
        ids = list(dict.fromkeys(document_ids))
        with self._database.connect() as connection:
            # first the number, then the rows: what changes in between ends this generation
            kept = self._of(current_generation(connection))
            found = self._taken(kept, ids)
            lacking = [document for document in ids if document not in found]
            if lacking:
                read = _read(connection, lacking)
                found.update(read)
                self._keep(kept, read)
        known = ((document, found[document]) for document in ids)
        return {
            document: info for document, info in known if info is not None and may_read(user, info.ref.access, document)
        }

    def generation_seen(self) -> int:
        """Return the number of the newest generation that any question has read; only the first call reads it."""
        number = self._kept.number
        if number >= 0:
            return number
        with self._database.connect() as connection:
            return self._of(current_generation(connection)).number

    def _of(self, number: int) -> _Kept:
        """Return what is kept of this generation: nothing for one that is over, as another thread has seen."""
        with self._mutex:
            if number > self._kept.number:
                self._kept = _Kept(number)
            return self._kept if number == self._kept.number else _Kept(number)

    def _taken(self, kept: _Kept, ids: Sequence[str]) -> dict[str, DocumentInfo | None]:
        with self._mutex:
            return {document: kept.documents[document] for document in ids if document in kept.documents}

    def _keep(self, kept: _Kept, read: Mapping[str, DocumentInfo | None]) -> None:
        with self._mutex:
            documents = kept.documents
            documents.update(read)
            while len(documents) > self._most:
                del documents[next(iter(documents))]  # the one that was read first


def _read(connection: Connection, ids: Sequence[str]) -> dict[str, DocumentInfo | None]:
    """Return what the catalog says of these documents now."""
    found: dict[str, DocumentInfo | None] = dict.fromkeys(ids)
    for start in range(0, len(ids), _IN_LIMIT):
        part = ids[start : start + _IN_LIMIT]
        allow: dict[str, list[str]] = {}
        deny: dict[str, list[str]] = {}
        grants = select(GrantRow.document_id, GrantRow.principal, GrantRow.allowed)
        for document, principal, allowed in connection.execute(grants.where(GrantRow.document_id.in_(part))):
            (allow if allowed else deny).setdefault(document, []).append(principal)
        for row in connection.execute(select(*_COLUMNS).where(DocumentRow.id.in_(part))):
            access = Access(frozenset(allow.get(row.id, ())), frozenset(deny.get(row.id, ())))
            ref = DocumentRef(row.source, row.key, row.version, row.title, row.uri, row.media_type, access, row.flagged)
            metadata = Metadata(tuple(row.authors or ()), row.created, row.modified, row.language)
            found[row.id] = DocumentInfo(ref, row.pages, row.chunks, row.characters, row.tokens, metadata)
    return found
