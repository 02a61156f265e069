"""The texts of the choice of a language."""

from __future__ import annotations

LANGUAGE = "Language"
