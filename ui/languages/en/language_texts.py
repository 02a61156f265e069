"""The texts of the choice of a language."""

from __future__ import annotations

LANGUAGE = "Language"
MORE_OR_LESS, SKIP = "Show more or fewer", "Skip to the content"
