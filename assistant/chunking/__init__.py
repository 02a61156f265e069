"""Cuts documents into chunks for embedding, with exact offsets."""

from __future__ import annotations

from assistant.chunking.chunker import TokenChunker

__all__ = ["TokenChunker"]
