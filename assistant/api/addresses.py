"""The address that a request comes from, behind proxies that are trusted."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import cache

from starlette.datastructures import Headers
from starlette.types import Scope

from assistant.errors import ConfigurationError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@cache
def networks(setting: str) -> tuple[Network, ...]:
    """Return the networks of the setting `trusted_proxies`. Raises ConfigurationError where one is none."""
    found = []
    for part in (part.strip() for part in setting.split(",")):
        try:
            if part:
                found.append(ipaddress.ip_network(part, strict=False))
        except ValueError as error:
            raise ConfigurationError(f"trusted_proxies: {error}", "write addresses or networks: 10.0.0.0/8") from error
    return tuple(found)


def client_address(scope: Scope, trusted: Sequence[Network]) -> str:
    """Return the client's address; empty where it is unknown.

    Of `X-Forwarded-For`, which every client may write, only what trusted proxies put behind it is believed: the last
    address that is none of theirs.
    """
    client = scope.get("client")
    address = str(client[0]) if client else ""
    if not _is_in(address, trusted):
        return address
    for part in reversed(",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")):
        said = part.strip()
        if not said or _parsed(said) is None:
            return address
        address = said
        if not _is_in(address, trusted):
            return address
    return address


def _is_in(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in trusted)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = getattr(parsed, "ipv4_mapped", None)
    return parsed if mapped is None else mapped
