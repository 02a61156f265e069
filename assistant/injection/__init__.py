"""Knows text that is written to be obeyed or not to be seen: what imitates a prompt, hides, or gives orders."""

from __future__ import annotations

from assistant.injection.folding import UNSEEN, folded
from assistant.injection.links import LEFT_OUT, LinkFilter, inert
from assistant.injection.mimicry import disarmed

__all__ = ["LEFT_OUT", "LinkFilter", "UNSEEN", "disarmed", "folded", "inert"]
