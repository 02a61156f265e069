"""The texts of errors and notes of the API: they are English as they come."""

from __future__ import annotations


def error(code: str) -> tuple[str, str]:
    """Return what went wrong and what to do about it, by the API's word for it; empty where its own words are shown."""
    del code  # its own words are English
    return "", ""


def in_its_words(detail: str) -> str:
    """Say what the API itself said."""
    return f"It said: {detail}"


def note(said: str) -> str:
    """Return a note of an answer in this language, or as it is where it is not known."""
    return said
