"""Keeps for a while what a server was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

_MANY = 1000


class Kept:
    """Answers by what was asked. Safe for several threads, of which one asks. Old answers are forgotten in time.

    Args:
        seconds: for how long an answer is used again.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._known: dict[str, tuple[float, Any]] = {}
        self._look_at = _MANY  # answers at which it is looked for old ones: a source lives as long as its process
        self._lock = threading.RLock()

    def get(self, what: str, ask: Callable[[], Any]) -> Any:
        """Return the answer to `what`, which `ask` gives where there is none yet, or an old one."""
        with self._lock:
            asked, value = self._known.get(what, (0.0, None))
            if not asked or time.monotonic() - asked >= self._seconds:
                value = ask()
                self._known[what] = (time.monotonic(), value)
                if len(self._known) >= self._look_at:
                    self._forget()
            return value

    def _forget(self) -> None:
        oldest = time.monotonic() - self._seconds
        self._known = {what: known for what, known in self._known.items() if known[0] > oldest}
        self._look_at = max(_MANY, 2 * len(self._known))
