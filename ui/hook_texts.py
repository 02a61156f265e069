"""The texts about webhooks, in the session's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.languages import catalogue

if TYPE_CHECKING:
    from ui.languages.en.hook_texts import *  # noqa: F403 (every language has the names of the English one)
else:
    __getattr__ = catalogue("hook_texts")
