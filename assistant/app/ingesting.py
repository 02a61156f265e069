"""Reads from the settings how much ingestion does at once, and what parsing may take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.adapters.cores import available_cores
from assistant.ingest import Limits, Retries
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.catalog import Catalog
    from assistant.ingest.uploads import UploadDesk
    from assistant.interfaces import BlobStore
    from assistant.parsing.process.sandbox import ParserPool
    from assistant.registry import PluginRegistry

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


def make_parsers(settings: Settings, place_of: Callable[[str], str]) -> ParserPool:
    """Return the parser processes, as many and with the limits that the settings name; they start when they are needed.

    Args:
        settings: say how many, and how much each may take.
        place_of: says where the plugin of a parser is.
    """
    from assistant.parsing.process.sandbox import ParserPool

    return ParserPool(
        workers=settings.parse_workers or max(1, available_cores() - 1),
        memory_bytes=settings.parse_memory_mb * 1024 * 1024,
        seconds=settings.parse_seconds,
        max_bytes=settings.max_document_bytes,
        place_of=place_of,
    )


def make_uploads(settings: Settings, catalog: Catalog, blobs: BlobStore, registry: PluginRegistry) -> UploadDesk:
    """Return what takes the files that people upload, as many and as large as the settings allow."""
    from assistant.ingest.uploads import UploadDesk

    quota = settings.upload_quota_mb * 1024 * 1024
    return UploadDesk(catalog, blobs, registry, settings.max_document_bytes, quota)
