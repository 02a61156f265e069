"""Ties what an answer says to exact places in stored documents."""

from assistant.citations.align import align, normalise
from assistant.citations.resolve import Draft, Reader, resolve, verify

__all__ = ["Draft", "Reader", "align", "normalise", "resolve", "verify"]
