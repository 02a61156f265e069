"""The guard of `plugins.net` for the asynchronous HTTP library that MCP's client brings along."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Collection
from functools import cache

import httpx2

from plugins.net import PORTS, reachable


class GuardedAsyncTransport(httpx2.AsyncBaseTransport):
    """Dials the addresses that were checked, as `plugins.net.GuardedTransport` does; for one host, or few.

    Args:
        allowed: hosts that may lie in a private network, see `plugins.net.reachable`.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = tuple(allowed)
        self._inner: dict[str, httpx2.AsyncHTTPTransport] = {}  # by host, for a connection's certificate is its host's

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request; a redirect is checked again as it comes through here.

        Raises:
            SourceError: no address of the host may be dialled.
            SourceUnreachableError: it has none.
        """
        host, port = request.url.host, request.url.port or PORTS.get(request.url.scheme, 80)
        addresses = await asyncio.to_thread(lambda: list(reachable(host, port, self._allowed)))
        failure: httpx2.TransportError | None = None
        for address in addresses:
            dialled = httpx2.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # its Host names the host
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await self._transport(host).handle_async_request(dialled)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failure = error
        raise failure or AssertionError  # there is an address, or `reachable` has raised

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in self._inner.values():
            await transport.aclose()
        self._inner.clear()

    def _transport(self, host: str) -> httpx2.AsyncHTTPTransport:
        if host not in self._inner:
            self._inner[host] = httpx2.AsyncHTTPTransport(verify=_certificates(), trust_env=False)
        return self._inner[host]


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)  # costs 50 ms, and is the same for all hosts
