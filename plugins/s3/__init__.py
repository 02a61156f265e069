"""A bucket of an S3-compatible store as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.s3.source import S3Config, S3Source

__all__ = ["S3Config", "S3Source", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `s3`."""
    registry.add_source("s3", S3Config, S3Source)
