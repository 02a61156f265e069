"""A mark of what a listing tells of a thing: another one whenever something of that changes."""

from __future__ import annotations

import hashlib


def digest(*parts: str) -> str:
    """Return a short text that is another one for other parts, or for the same ones in another order."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:24]
