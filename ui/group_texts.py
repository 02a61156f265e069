"""The texts about groups, in the session's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.languages import catalogue

if TYPE_CHECKING:
    from ui.languages.en.group_texts import *  # noqa: F403 (every language has the names of the English one)
else:
    __getattr__ = catalogue("group_texts")
