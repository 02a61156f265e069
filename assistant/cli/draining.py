"""The API's server, which at SIGTERM writes the answers under way to their end before it stops: a rollout cuts none."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from assistant.types import DRAIN_SECONDS

log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.1


class DrainingServer(uvicorn.Server):
    """Stops as uvicorn does, and at SIGTERM waits before that for what is under way; any other signal ends the waiting.

    Nothing new is let in meanwhile: a proxy goes on to another replica, and so does a client that comes again.

    Args:
        config: uvicorn's.
        under_way: how many answers this process writes at that moment.
        seconds: that are waited at most.
    """

    def __init__(self, config: uvicorn.Config, under_way: Callable[[], int], seconds: float = DRAIN_SECONDS) -> None:
        super().__init__(config)
        self._under_way, self._seconds = under_way, seconds
        self._drains = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Uvicorn's hook for signals."""
        if self._drains:
            self._drains = False
            self._captured_signals.append(sig)
            return
        self._drains = sig == signal.SIGTERM and not self.should_exit
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn's hook for the end."""
        count = self._under_way()
        if self._drains and count:
            log.info("answers are written to their end before the process ends: %s", count)
            await self._drain()
        self._drains = False
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()  # those on which an answer is sent stay until it is
        end = time.monotonic() + self._seconds
        while self._drains and self._under_way() and time.monotonic() < end:
            await asyncio.sleep(_LOOK_SECONDS)
