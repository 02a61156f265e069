"""Which addresses a server's requests may dial: each name is resolved, and no way leads into a network of its own."""

from __future__ import annotations

import functools
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterator

from assistant.errors import SourceError, SourceUnreachableError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Where clouds keep credentials of the machine: link-local addresses, and two that are not.
_METADATA = frozenset({ipaddress.ip_address("fd00:ec2::254"), ipaddress.ip_address("100.100.100.200")})


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


def reachable(
    host: str, port: int, allowed: Collection[str], where: str = "private_hosts of the source"
) -> Iterator[str]:
    """Yield the addresses of a host that may be dialled.

    Args:
        host: a name or an address, in any of the ways to write one.
        port: that will be dialled.
        allowed: hosts that may lie in a private network, see `is_allowed`. Of those too, only an address that is itself
            among them may be one that no server has (`is_server`).
        where: what holds the allowed hosts, for the error.

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
            f"if it is meant, add it to {where}",
        )
    yield from public


@functools.cache
def certificates() -> ssl.SSLContext:
    """Return the known certificates, for a connection to an address whose host was looked up here."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)  # costs 50 ms, and is the same for all hosts
