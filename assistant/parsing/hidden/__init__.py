"""Finds the text that a document holds and no reader sees: it is told, never dropped in silence."""

from __future__ import annotations

from assistant.parsing.hidden.finding import with_hidden

__all__ = ["with_hidden"]
