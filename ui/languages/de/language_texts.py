"""The texts of the choice of a language."""

from __future__ import annotations

LANGUAGE = "Sprache"
MORE_OR_LESS, SKIP = "Mehr oder weniger zeigen", "Zum Inhalt springen"
