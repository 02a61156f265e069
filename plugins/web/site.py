"""Asks one site for its pages, with what it says of robots and what the admin says of headers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.errors import SourceUnreachableError
from plugins.net import PoliteClient, Reply
from plugins.net.client import USER_AGENT
from plugins.web.addresses import Scope, clean, origin
from plugins.web.config import WebConfig
from plugins.web.state import Seen

if TYPE_CHECKING:
    from protego import Protego

_ROBOTS_BYTES = 512_000
_LONGEST_DELAY = 60.0


@dataclass(slots=True)
class Site:
    """A site as it is configured. Safe to call from several threads."""

    config: WebConfig
    scope: Scope = field(init=False)
    _client: PoliteClient = field(init=False)
    _robots: dict[str, Protego] = field(init=False, default_factory=dict)
    _hosts: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        config = self.config
        self.scope = Scope(config.start, config.within, config.exclude)
        self._hosts = frozenset(origin(one) for one in config.start)
        self._client = PoliteClient(
            config.private_hosts, delay_seconds=config.delay_seconds, timeout_seconds=config.timeout_seconds
        )

    def get(self, address: str, before: Seen | None, max_bytes: int | None = None) -> Reply:
        """Ask for an address, and only for what changed since `before`; see `PoliteClient.request`."""
        headers: dict[str, str] = {}
        if before is not None and before.etag:
            headers["If-None-Match"] = before.etag
        if before is not None and before.modified:
            headers["If-Modified-Since"] = before.modified
        if origin(address) in self._hosts:
            headers |= {name: value.get_secret_value() for name, value in self.config.headers.items()}
        return self._client.get(address, max_bytes or self.config.max_bytes, headers)

    def begin(self) -> None:
        """Note that a listing begins: robots.txt is asked for again."""
        self._robots.clear()

    def may_ask(self, address: str) -> bool:
        """Whether robots.txt lets this source ask for an address.

        Raises:
            SourceUnreachableError: robots.txt itself is not to be had now: then nothing may be asked for.
        """
        if not self.config.obey_robots:
            return True
        return bool(self._rules(origin(address)).can_fetch(address, USER_AGENT))

    def sitemaps(self, place: str) -> list[str]:
        """Return the sitemaps that the robots.txt of an origin names; they may lie on other hosts."""
        found = [clean(one, place) for one in self._rules(place).sitemaps]
        return [one for one in found if one is not None]

    def _rules(self, place: str) -> Protego:
        from protego import Protego

        found = self._robots.get(place)
        if found is None:
            address: str | None = f"{place}robots.txt"
            text = ""
            for _ in range(5):
                reply = self.get(str(address), None, _ROBOTS_BYTES)
                if reply.is_busy:
                    raise SourceUnreachableError(
                        f"{address} answers with status {reply.status}", "the next sync tries again"
                    )
                if reply.status == 200:
                    text = reply.body.decode("utf-8", "replace")
                address = clean(reply.headers.get("location", ""), reply.url) if 300 < reply.status < 309 else None
                if address is None:
                    break
            found = Protego.parse(text)
            delay = found.crawl_delay(USER_AGENT)
            if self.config.obey_robots:
                self._client.slow_down(place.split("/")[2], min(float(delay or 0.0), _LONGEST_DELAY))
            self._robots[place] = found
        return found
