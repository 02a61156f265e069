"""Figures on all sources at once, so that a long list of them costs a query and not one a source."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from assistant.catalog.database import Database
from assistant.catalog.models import DocumentRow, RunRow


def documents_by_source(database: Database) -> Mapping[str, int]:
    """Return how many documents each source has, whoever may read them; sources without any are left out."""
    query = select(DocumentRow.source, func.count()).group_by(DocumentRow.source)
    with database.read() as session:
        return {str(source): int(number) for source, number in session.execute(query)}


def last_successes(database: Database) -> Mapping[str, float]:
    """Return when the last run of each source began that came to its end, in seconds since the epoch.

    Sources without one, or whose last one is so old that it is forgotten, are left out.
    """
    query = select(RunRow.source, func.max(RunRow.started_at)).where(RunRow.state == "done").group_by(RunRow.source)
    with database.read() as session:
        return {str(source): float(moment) for source, moment in session.execute(query)}
