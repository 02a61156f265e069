"""The texts of what an answer took: tokens by kind, and time by phase."""

from __future__ import annotations

from ui.languages.de.formats import number
from ui.languages.de.texts import timing

_KINDS = {
    "prompt_tokens": "gelesene Token",
    "completion_tokens": "geschriebene Token",
    "cached_tokens": "davon aus dem Cache",
}
_PHASES = {
    "rewrite": "Umformulieren",
    "search": "Suche",
    "plan": "Planung",
    "answer": "Antwort",
    "first": "bis zum ersten Wort",
}


def usage(kind: str, tokens: int) -> str:
    """Return how many tokens of a kind were used, e.g. `gelesene Token 1.204`."""
    return f"{_KINDS.get(kind, kind.replace('_', ' '))} {number(tokens)}"


def phase(name: str, seconds: float) -> str:
    """Return how long a phase took, e.g. `Suche 21 ms`."""
    return f"{_PHASES.get(name, name.replace('_', ' '))} {timing(seconds)}"
