"""The texts of trying a call of a tool, in the session's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.languages import catalogue

if TYPE_CHECKING:
    from ui.languages.en.trial_texts import *  # noqa: F403 (every language has the names of the English one)
else:
    __getattr__ = catalogue("trial_texts")
