"""Ties what an answer says to exact places in stored documents."""

from assistant.citations.align import align, normalise
from assistant.citations.claims import ClaimReader, Claims, Source, Step, read_claims
from assistant.citations.resolve import Draft, Reader, resolve, verify

__all__ = [
    "ClaimReader",
    "Claims",
    "Draft",
    "Reader",
    "Source",
    "Step",
    "align",
    "normalise",
    "read_claims",
    "resolve",
    "verify",
]
