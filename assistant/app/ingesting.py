"""Reads from the settings how much ingestion does at once."""

from __future__ import annotations

from assistant.ingest import Limits, Retries
from assistant.settings import Settings

_STALLED = 10.0  # times what parsing a document may take


def ingest_limits(settings: Settings) -> Limits:
    """Return the limits that the settings name."""
    return Limits(
        batch_documents=settings.sync_batch,
        lease_seconds=settings.lease_seconds,
        stalled_seconds=_STALLED * settings.parse_seconds,
        most_prepared=settings.most_prepared,
        max_document_bytes=settings.max_document_bytes,
        retries=Retries(settings.retry_seconds, most=settings.retry_most),
    )
