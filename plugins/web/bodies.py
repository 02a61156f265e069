"""Keeps what a crawl downloaded until it is indexed, within limits, so that it is not downloaded again for that."""

from __future__ import annotations

import threading
from collections import OrderedDict

from plugins.net import Reply

_MOST_BYTES = 64_000_000


class Bodies:
    """Answers by address, the newest ones; each is handed out once. Safe to use from several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[str, Reply] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, address: str, reply: Reply) -> None:
        """Keep an answer that its server can be asked about: without an ETag or a date, it would be sent anew."""
        if not (reply.headers.get("etag") or reply.headers.get("last-modified")):
            return
        with self._lock:
            self._drop(address)
            self._kept[address] = reply
            self._size += len(reply.body)
            while self._kept and self._size > self._most:
                self._drop(next(iter(self._kept)))

    def take(self, address: str) -> Reply | None:
        """Return the answer and forget it; None where there is none."""
        with self._lock:
            return self._drop(address)

    def _drop(self, address: str) -> Reply | None:
        found = self._kept.pop(address, None)
        if found is not None:
            self._size -= len(found.body)
        return found
