"""Ends connections whose request does not come: uvicorn by itself waits for the rest of a header for ever."""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_SECONDS = 20.0


class TimedProtocol(H11Protocol):
    """uvicorn's own protocol; a request's line and headers have to be there `HEADER_SECONDS` after they began to come.

    A connection that sends nothing at all is ended after that time too; between requests uvicorn's keep-alive counts.
    """

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        self._await_header()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._deadline is None:
                self._await_header()
        else:
            self._forget()

    def on_response_complete(self) -> None:
        """See H11Protocol; a header that came while it was busy may have begun."""
        self._forget()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._forget()
        super().connection_lost(exc)

    def _await_header(self) -> None:
        self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
