"""Knows text that is written to be obeyed or not to be seen: what imitates a prompt, hides, or gives orders."""

from __future__ import annotations

from assistant.injection.folding import UNSEEN, folded
from assistant.injection.links import LEFT_OUT, LinkFilter, inert, unmarked
from assistant.injection.mimicry import disarmed
from assistant.injection.scoring import FLAGGED, NOTHING_FOUND, Judgement, judged

__all__ = [
    "FLAGGED",
    "Judgement",
    "LEFT_OUT",
    "LinkFilter",
    "NOTHING_FOUND",
    "UNSEEN",
    "disarmed",
    "folded",
    "inert",
    "unmarked",
    "judged",
]
