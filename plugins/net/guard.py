"""Keeps a server's requests out of its own network: each name is resolved, checked, and the checked address dialled."""

from __future__ import annotations

import functools
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Iterator

import httpx

from assistant.errors import SourceError, SourceUnreachableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Where clouds keep credentials of the machine: link-local addresses, and two that are not.
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})
_PORTS = {"http": 80, "https": 443}


@functools.cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # costs 50 ms, and is the same for all hosts


def is_public(address: str) -> bool:
    """Whether an IP address, with or without a zone, is one of the public internet."""
    found = _innermost(address)
    return found.is_global and not found.is_multicast


def is_server(address: str) -> bool:
    """Whether an IP address can be a server's at all, in a private network or not.

    Link-local ones, with the metadata services of clouds among them, those that mean no host, and groups cannot: who
    may name a server does not get the machine's credentials by that.
    """
    found = _innermost(address)
    nowhere = found.is_unspecified or (found.version == 4 and int(found) >> 24 == 0)
    return not (nowhere or found.is_link_local or found.is_multicast or found in _METADATA)


def _innermost(address: str) -> Address:
    """Return the address, or the IPv4 one that an IPv6 address of a transition carries."""
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        return inner or found
    return found


def is_allowed(host: str, allowed: Collection[str]) -> bool:
    """Whether a host is among the allowed ones; `*.example.org` allows every host below `example.org`."""
    name = host.lower().strip("[]").rstrip(".")
    return any(
        name.endswith(one[1:].lower()) if one.startswith("*.") else name == one.lower().strip("[]") for one in allowed
    )


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
        for address in self._addresses(host, request.url.port or _PORTS.get(request.url.scheme, 80)):
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
            return self._inner.setdefault(host, httpx.HTTPTransport(verify=_certificates(), trust_env=False))

    def _addresses(self, host: str, port: int) -> Iterator[str]:
        return reachable(host, port, self._allowed)


def reachable(host: str, port: int, allowed: Collection[str]) -> Iterator[str]:
    """Yield the addresses of a host that may be dialled.

    Args:
        host: a name or an address, in any of the ways to write one.
        port: that will be dialled.
        allowed: hosts that may lie in a private network, see `is_allowed`. Of those too, only an address that is itself
            among them may be one that no server has (`is_server`).

    Raises:
        SourceError: it has addresses, and none that may be dialled.
        SourceUnreachableError: it has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachableError(
            f"the host {host} cannot be found: {error}", "check the name, or the network"
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if is_allowed(host, allowed):
        usable = [address for address in addresses if is_server(address) or address in allowed]
        if not usable:
            raise SourceError(
                f"the host {host} has no address of a server ({', '.join(addresses)})",
                "name another host; metadata and link-local addresses are never asked",
            )
        yield from usable
        return
    public = [address for address in addresses if is_public(address)]
    if not public:
        raise SourceError(
            f"the host {host} lies in a private network ({', '.join(addresses)})",
            "if it is meant, add it to private_hosts of the source",
        )
    yield from public
