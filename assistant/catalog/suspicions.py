"""The catalog's suspicions: documents that read like orders to an assistant, or hide text, and who looked at them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from assistant.catalog.database import Database
from assistant.catalog.generation import next_generation
from assistant.catalog.models import DocumentRow, RunRow, SourceRow, SuspicionRow
from assistant.catalog.uploads import UPLOADS
from assistant.injection import FLAGGED, Judgement
from assistant.types import document_id


@dataclass(frozen=True, slots=True)
class Found:
    """What was met in a version of a document: `content` is the digest of its bytes, `run_id` the run that read it."""

    document_id: str
    judgement: Judgement
    content: str
    run_id: str


@dataclass(frozen=True, slots=True)
class SuspicionRecord:
    """What an admin is shown of a document, without its text, its title or its readers.

    Attributes:
        source, key: where it is.
        score: from 0 to 1.
        signs: how often each was met; see `injection.Judgement`, and `hidden:KIND` for text that no reader sees.
        flagged: whether people and models are warned of it.
        found_at: when, in seconds since the epoch.
        reviewed_at, reviewed_by: when somebody looked at it and who, None and empty where nobody did.
    """

    source: str
    key: str
    score: float
    signs: Mapping[str, int]
    flagged: bool
    found_at: float
    reviewed_at: float | None
    reviewed_by: str


class Suspicions:
    """Reads and changes the table of suspicions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, found: Sequence[Found]) -> None:
        """Keep what was met in these current documents, nothing included, and count the flagged ones in their runs.

        A review holds as long as the document's bytes are the same.
        """
        now = time.time()
        with self._database.write() as session:
            changed = False
            for one in found:
                row, document = session.get(SuspicionRow, one.document_id), session.get(DocumentRow, one.document_id)
                if document is None:  # it was removed meanwhile
                    continue
                same = row is not None and row.content == one.content
                reviewed = row.reviewed_at if row is not None and same else None
                flagged = one.judgement.flagged and reviewed is None
                if flagged and not same:
                    count = update(RunRow).where(RunRow.id == one.run_id).values(flagged=RunRow.flagged + 1)
                    session.execute(count)
                changed = changed or document.flagged != flagged
                document.flagged = flagged
                if not one.judgement.signs:
                    if row is not None:
                        session.delete(row)
                    continue
                if row is None:
                    row = SuspicionRow(document_id=one.document_id)
                    session.add(row)
                row.content, row.score, row.signs = one.content, one.judgement.score, dict(one.judgement.signs)
                row.found_at, row.reviewed_at = now, reviewed
                row.reviewed_by = row.reviewed_by or "" if reviewed is not None else ""
            if changed:
                next_generation(session)

    def all(
        self,
        sources: Sequence[str] | None = None,
        *,
        least: float = FLAGGED,
        reviewed: bool = False,
        uploads: bool = True,
    ) -> list[SuspicionRecord]:
        """Return the documents with a score of at least `least`, the highest first.

        Args:
            sources: of these only; None: of all.
            least: a score.
            reviewed: whether those that somebody looked at are among them.
            uploads: whether what people uploaded is.
        """
        query = select(SuspicionRow, DocumentRow.source, DocumentRow.key, DocumentRow.flagged)
        query = query.join(DocumentRow, DocumentRow.id == SuspicionRow.document_id).where(SuspicionRow.score >= least)
        if sources is not None:
            query = query.where(DocumentRow.source.in_(list(sources)))
        if not uploads:
            of_people = select(SourceRow.name).where(SourceRow.kind == UPLOADS)
            query = query.where(DocumentRow.source.not_in(of_people))
        if not reviewed:
            query = query.where(SuspicionRow.reviewed_at.is_(None))
        query = query.order_by(SuspicionRow.score.desc(), DocumentRow.source, DocumentRow.key)
        with self._database.read() as session:
            return [_record(*found) for found in session.execute(query)]

    def of_document(self, source: str, key: str) -> SuspicionRecord | None:
        """Return what was met in a document, whatever its score; None where nothing was."""
        document = document_id(source, key)
        with self._database.read() as session:
            row, held = session.get(SuspicionRow, document), session.get(DocumentRow, document)
            return None if row is None or held is None else _record(row, source, key, held.flagged)

    def review(self, source: str, key: str, by: str) -> bool:
        """Note that `by` looked at the document, so that nobody is warned of it. Returns whether there is one."""
        document = document_id(source, key)
        with self._database.write() as session:
            row = session.get(SuspicionRow, document)
            if row is None:
                return False
            row.reviewed_at, row.reviewed_by = time.time(), by
            session.execute(update(DocumentRow).where(DocumentRow.id == document).values(flagged=False))
            next_generation(session)
            return True


def _record(row: SuspicionRow, source: str, key: str, flagged: bool) -> SuspicionRecord:
    return SuspicionRecord(
        source, key, row.score, dict(row.signs), flagged, row.found_at, row.reviewed_at, row.reviewed_by
    )
