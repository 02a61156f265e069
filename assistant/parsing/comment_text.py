"""Writes a comment on a document, with its author and its time in front, the same way for all formats."""

from __future__ import annotations

from assistant.parsing.builder import clean


def comment_line(text: str, *about: str) -> str:
    """Return a comment with what is known about it in front, `[Ada Lovelace, 2026-11-24] text`; empty without text."""
    stated = ", ".join(part for part in (" ".join(clean(one).split()) for one in about) if part)
    text = clean(text).strip()
    return f"[{stated}] {text}" if text and stated else text


def comment_time(stated: str | None) -> str:
    """Return a time as the file states it, without fractions of a second."""
    return (stated or "")[:40].partition(".")[0]
