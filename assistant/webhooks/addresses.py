"""Checks what an admin gives as a webhook's name, address and events."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from assistant.catalog.events import EVENTS, Event
from assistant.errors import ConfigurationError
from assistant.types.hosts import is_allowed

HOSTS = "ASSISTANT_WEBHOOK_HOSTS"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LONGEST = 2000


def check_name(name: str) -> None:
    """Raise ConfigurationError where a webhook cannot be called that."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} cannot be the name of a webhook", "use a-z, 0-9, _ and -, 40 characters at most"
        )


def check_address(url: str, hosts: Collection[str]) -> None:
    """Raise ConfigurationError where nothing is sent to that address.

    Args:
        url: https, or http to one of the hosts.
        hosts: those that may lie in a private network, and may be spoken to without TLS.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigurationError(f"url: {error}", "give an address as https://hooks.example.org/assistant") from None
    if parts.scheme not in {"http", "https"} or not host or len(url) > _LONGEST or not url.isprintable() or " " in url:
        raise ConfigurationError(
            "url: it is no address of http or https", "give one as https://hooks.example.org/assistant"
        )
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ConfigurationError(
            "url: it may hold no user, password or fragment", "the signature says who sends: see webhooks.md"
        )
    if parts.scheme == "http" and not is_allowed(host, hosts):
        raise ConfigurationError(
            f"url: {host} would be told without TLS", f"use https, or add the host to {HOSTS} if it is meant"
        )


def host_of(url: str) -> str:
    """Return the host of an address, which may be told; empty where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def checked_events(events: Iterable[str]) -> list[Event]:
    """Return the events, each once. Raises ConfigurationError: there is none, or one that does not exist."""
    wanted = set(events)
    known = [event for event in EVENTS if event in wanted]
    if not known or len(known) != len(wanted):
        strange = sorted(wanted - set(known))
        cause = f"there is no event {strange[0]!r}" if strange else "no event is given"
        raise ConfigurationError(f"events: {cause}", f"choose of: {', '.join(EVENTS)}")
    return known
