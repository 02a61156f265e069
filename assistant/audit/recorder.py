"""Records what is done: whoever tells it waits until it is kept, and those who wait at once share a transaction."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Awaitable, Sequence
from concurrent.futures import Future
from typing import Protocol

from assistant.catalog import Act, Head
from assistant.errors import AssistantError, AuditUnavailableError

log = logging.getLogger(__name__)

_AT_ONCE = 500  # acts in one transaction
_GATHER_SECONDS = 0.01  # that an act waits for those of requests which are at work
_NOT_KEPT = "it cannot be recorded who does what, so that nothing is done or shown"


class Log(Protocol):
    """Keeps acts for good; `AuditLog` is one."""

    def append(self, acts: Sequence[Act]) -> Head:
        """Keep them, all or none."""
        ...


class Recorder:
    """Takes acts from any number of threads. Its own thread starts with the first one.

    Args:
        log: keeps them.
        questions: whether the text of questions and searches is kept.
    """

    def __init__(self, log: Log, *, questions: bool = False) -> None:
        self.keeps_questions = questions
        self._log = log
        self._waiting: deque[tuple[Sequence[Act], Future[None]]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._coming = 0

    def expect(self) -> None:
        """Say that an act is to come soon: others wait a moment for it, to share the transaction."""
        with self._changed:
            self._coming += 1

    def expected(self) -> None:
        """Say that what `expect` told of has come, or will not."""
        with self._changed:
            self._coming -= 1
            self._changed.notify()

    def record(self, *acts: Act) -> None:
        """Record acts, and return when they are kept.

        Raises:
            AuditUnavailableError: they are not; nothing may be shown.
        """
        self._told(acts).result()

    def recorded(self, *acts: Act) -> Awaitable[None]:
        """Like `record`, for a loop to wait for; they are told before this returns. Raises AuditUnavailableError."""
        return asyncio.wrap_future(self._told(acts))

    def close(self) -> None:
        """Keep what waits, and end the thread; whoever comes later is refused."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _told(self, acts: Sequence[Act]) -> Future[None]:
        future: Future[None] = Future()
        with self._changed:
            if self._closed:
                raise AuditUnavailableError(f"{_NOT_KEPT}: the assistant is being closed", "try again")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
                self._thread.start()
            self._waiting.append((acts, future))
            self._changed.notify()
        return future

    def _run(self) -> None:
        while batch := self._taken():
            try:
                self._log.append([act for acts, _ in batch for act in acts])
            except Exception as error:  # noqa: BLE001 (those who wait must neither wait for ever nor go on)
                self._fail(batch, error)
                continue
            for _, future in batch:
                if future.set_running_or_notify_cancel():
                    future.set_result(None)

    def _taken(self) -> list[tuple[Sequence[Act], Future[None]]]:
        """Return those who wait, as soon as there are any; none where no more come."""
        with self._changed:
            while not self._waiting and not self._closed:
                self._changed.wait()
            until = time.monotonic() + _GATHER_SECONDS
            while self._coming > 0 and not self._closed and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), _AT_ONCE))]

    def _fail(self, batch: Sequence[tuple[Sequence[Act], Future[None]]], error: Exception) -> None:
        if isinstance(error, AssistantError):
            log.error("the audit log cannot be written: %s", error)
        else:
            log.error("the audit log cannot be written", exc_info=error)
        for _, future in batch:
            if future.set_running_or_notify_cancel():
                failed = AuditUnavailableError(f"{_NOT_KEPT}: the audit log cannot be written", "try again in a moment")
                failed.__cause__ = error
                future.set_exception(failed)
