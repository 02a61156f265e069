"""Slows down whoever tries tokens or passwords."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from hashlib import sha256

_WRONG, _SECONDS = 10, 60.0  # so many wrong tokens from an address in so many seconds
_ADDRESSES, _TOKENS = 10_000, 10_000  # kept in mind at most
_KNOWN_SECONDS = 600.0


class Attempts:
    """Counts the wrong tokens of each address, and says when it is to wait.

    A token that was good a moment ago is let through whatever its address did: behind one proxy are many people. It is
    looked up as always.

    Args:
        now: a clock in seconds that never goes back.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()
        self._good: OrderedDict[bytes, float] = OrderedDict()

    def wait(self, address: str, token: str) -> float:
        """Return for how many seconds this token from this address is not even looked at; 0: it is."""
        with self._lock:
            now = self._now()
            if now - self._good.get(_mark(token), -_KNOWN_SECONDS) < _KNOWN_SECONDS:
                return 0.0
            times = self._wrong.get(address)
            if times is None or len(times) < _WRONG:
                return 0.0
            return max(0.0, times[0] + _SECONDS - now)

    def note(self, address: str, token: str, *, good: bool) -> None:
        """Keep in mind whether the token was good."""
        with self._lock:
            mark = _mark(token)
            if good:
                self._good[mark] = self._now()
                self._good.move_to_end(mark)
                if len(self._good) > _TOKENS:
                    self._good.popitem(last=False)
                return
            self._good.pop(mark, None)
            self._wrong.setdefault(address, deque(maxlen=_WRONG)).append(self._now())
            self._wrong.move_to_end(address)
            if len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)


def _mark(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
