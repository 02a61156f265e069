"""Keeps for a while what a server was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any


class Kept:
    """Answers by what was asked. Safe for several threads, of which one asks.

    Args:
        seconds: for how long an answer is used again.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[str, tuple[float, Any]] = {}
        self._lock = threading.RLock()

    def get(self, what: str, ask: Callable[[], Any]) -> Any:
        """Return the answer to `what`, which `ask` gives where there is none yet, or an old one."""
        with self._lock:
            asked, value = self._known.get(what, (0.0, None))
            if not asked or time.monotonic() - asked >= self._seconds:
                value = ask()
                self._known[what] = (time.monotonic(), value)
            return value
