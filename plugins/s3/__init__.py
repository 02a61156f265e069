"""A bucket of an S3-compatible store as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.s3.source import S3Config, S3Source

__all__ = ["S3Config", "S3Source", "MANIFEST", "register"]

MANIFEST = Manifest(
    "s3",
    "1.0",
    description="Reads a bucket of Amazon's or of any store that speaks S3.",
    permissions=Permissions(hosts=("*",), paths=("~/.aws",), secrets=("secret_key",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `s3`."""
    registry.add_source("s3", S3Config, S3Source)
