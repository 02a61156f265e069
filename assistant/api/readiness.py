"""Whether the parts behind the API answer, asked in a thread of its own: requests may have taken all others."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.errors import AssistantError

KEPT_SECONDS = 2.0  # that an answer is good for: several proxies ask every few seconds
Checks = Mapping[str, Callable[[], object]]  # by part; it raises an AssistantError where the part does not answer


class Readiness:
    """Asks the parts, once for all who want to know it at that moment."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "readiness")
        self._lock = threading.Lock()
        self._asked: Future[tuple[float, dict[str, str]]] | None = None

    async def checks(self, parts: Callable[[], Checks]) -> dict[str, str]:
        """Return `ok`, or what is wrong, by part; `parts` says what to ask, and may take its time, too."""
        with self._lock:
            if self._asked is None or _is_old(self._asked):
                self._asked = self._pool.submit(_ask, parts)
            asked = self._asked
        _, checks = await asyncio.shield(asyncio.wrap_future(asked))  # others wait for it, too
        return checks


def _is_old(asked: Future[tuple[float, dict[str, str]]]) -> bool:
    if not asked.done():
        return False
    return asked.exception() is not None or time.monotonic() - asked.result()[0] >= KEPT_SECONDS


def _ask(parts: Callable[[], Checks]) -> tuple[float, dict[str, str]]:
    checks: dict[str, str] = {}
    for name, check in parts().items():
        try:
            check()
        except AssistantError as error:
            checks[name] = str(error)
        else:
            checks[name] = "ok"
    return time.monotonic(), checks
