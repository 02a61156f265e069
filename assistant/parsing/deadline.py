"""Tells a parser how long it may still take."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_DEFAULT_SECONDS = 120.0  # as in the settings
_ends: list[float] = []  # of the limits in force, by the monotonic clock


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let `seconds_left` count down from `seconds` meanwhile."""
    _ends.append(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends.pop()


def seconds_left() -> float:
    """Return how long the document that is being parsed may still take, the default limit where there is none."""
    return max(_ends[-1] - time.monotonic(), 0.0) if _ends else _DEFAULT_SECONDS
