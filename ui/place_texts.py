"""The texts on a quoted place, in the session's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.languages import catalogue

if TYPE_CHECKING:
    from ui.languages.en.place_texts import *  # noqa: F403 (every language has the names of the English one)
else:
    __getattr__ = catalogue("place_texts")
