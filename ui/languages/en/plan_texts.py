"""The texts of what an answer took: tokens by kind, and time by phase."""

from __future__ import annotations

from ui.languages.en.formats import number
from ui.languages.en.texts import timing


def usage(kind: str, tokens: int) -> str:
    """Return how many tokens of a kind were used, e.g. `prompt tokens 1,204`."""
    return f"{kind.replace('_', ' ')} {number(tokens)}"


def phase(name: str, seconds: float) -> str:
    """Return how long a phase took, e.g. `search 21 ms`."""
    return f"{name.replace('_', ' ')} {timing(seconds)}"
