"""Keeps a server's requests out of its own network: each name is resolved, checked, and the checked address dialled."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator

import httpx

from assistant.errors import SourceUnreachableError
from assistant.types import certificates, is_public, is_server, reachable

__all__ = ["PORTS", "GuardedTransport", "is_public", "is_server", "reachable"]

PORTS = {"http": 80, "https": 443}  # where an address names none


class GuardedTransport(httpx.BaseTransport):
    """Connects to addresses that were checked, so that a name that resolves to another one the next time gains nothing.

    Safe to call from several threads. Proxies of the environment are not used: they would resolve the names themselves.

    Args:
        allowed: hosts that may lie in a private network, see `is_allowed`.
    """

    def __init__(self, allowed: Collection[str] = ()) -> None:
        self._allowed = tuple(allowed)
        self._inner: dict[str, httpx.HTTPTransport] = {}  # by host, for a connection's certificate is its host's
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; redirects are the caller's, and each is checked again as it comes through here.

        Raises:
            SourceError: the host's addresses are private, and it is not among the allowed ones.
            SourceUnreachableError: the host has no address.
        """
        host = request.url.host
        failure: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in self._addresses(host, request.url.port or PORTS.get(request.url.scheme, 80)):
            dialled = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # its Host names the host
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return self._transport(host).handle_request(dialled)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or SourceUnreachableError(f"the host {host} has no address", "check the name, or the network")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for transport in self._inner.values():
                transport.close()
            self._inner.clear()

    def _transport(self, host: str) -> httpx.HTTPTransport:
        with self._lock:
            return self._inner.setdefault(host, httpx.HTTPTransport(verify=certificates(), trust_env=False))

    def _addresses(self, host: str, port: int) -> Iterator[str]:
        return reachable(host, port, self._allowed)
