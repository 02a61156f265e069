"""Lists the entries of feeds and hands them out."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from assistant.errors import DocumentChangedError, NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Change, Changed, Checkpoint, Deleted, RawDocument
from plugins.feed.reading import Entry, read_feed
from plugins.net import PoliteClient, Reply

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPS = 5
_DAY = 86_400


class FeedConfig(BaseModel):
    """Which feeds, and how long entries stay that a feed no longer names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    feeds: tuple[str, ...] = Field(min_length=1, title="Feeds", description="Addresses (http or https) of RSS or Atom.")
    keep_days: int = Field(
        0, ge=0, title="Days to keep", description="Entries that left their feed so long ago are deleted; 0: they stay."
    )
    max_bytes: int = Field(20_000_000, ge=1, title="Largest feed", description="Bytes; a larger one ends the sync.")
    timeout_seconds: float = Field(30.0, gt=0, le=600, title="Seconds to wait", description="For a silent server.")
    refresh_seconds: float = Field(
        60.0, ge=0, title="Look again after", description="Seconds for which entries are read from the same answer."
    )
    delay_seconds: float = Field(0.5, ge=0, le=60, title="Seconds between requests", description="To one host.")
    private_hosts: tuple[str, ...] = Field(
        (),
        title="Hosts in a private network",
        description="Names that may have private addresses; others are refused there. *.example.org: all below.",
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, title="Headers", description="Sent with each feed's own address, e.g. Authorization."
    )

    @field_validator("feeds")
    @classmethod
    def _addresses(cls, feeds: tuple[str, ...]) -> tuple[str, ...]:
        for feed in feeds:
            if not feed.startswith(("http://", "https://")):
                raise ValueError(f"{feed!r} is not an http or https address")
        return feeds


class FeedSource:
    """Every entry that the feeds name, and those that they named before; the key is the feed's host and a digest.

    The cursor holds each feed's ETag and date, and when each entry was seen last.
    """

    def __init__(self, config: FeedConfig) -> None:
        self._config = config
        self._client = PoliteClient(
            config.private_hosts, delay_seconds=config.delay_seconds, timeout_seconds=config.timeout_seconds
        )
        self._entries: dict[str, Entry] = {}
        self._looked = -float("inf")
        self._lock = threading.Lock()

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: what the feeds name now; only what was kept too long is deleted."""
        before = _read(cursor)
        marks: dict[str, Any] = {}
        listed: dict[str, list[Entry]] = {}
        seen: dict[str, int] = dict(before.get("seen", {}))
        now = int(time.time())
        for feed in self._config.feeds:
            former = before.get("feeds", {}).get(feed, {})
            reply = self._get(feed, former)
            if reply.status == 304:
                marks[feed] = former
                seen |= dict.fromkeys(former["keys"], now)
                continue
            entries = read_feed(feed, reply.body, reply.headers)
            listed[feed] = entries
            for entry in entries:
                seen[entry.key] = now
                yield Changed(entry.key, entry.mark)
            headers = reply.headers
            marks[feed] = {
                "etag": headers.get("etag", ""),
                "modified": headers.get("last-modified", ""),
                "keys": [entry.key for entry in entries],
            }
        if len(listed) == len(set(self._config.feeds)):  # nothing is to be asked for again to hand these out
            with self._lock:
                self._keep(listed)
        if self._config.keep_days:
            for key in [key for key, at in seen.items() if now - at > self._config.keep_days * _DAY]:
                del seen[key]
                yield Deleted(key)
        yield Checkpoint(json.dumps({"feeds": marks, "seen": seen}, separators=(",", ":")))

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`. An entry that its feed no longer names stays as it was indexed."""
        with self._lock:
            if time.monotonic() - self._looked >= self._config.refresh_seconds:
                replies = [(feed, self._get(feed, {})) for feed in self._config.feeds]
                self._keep({feed: read_feed(feed, reply.body, reply.headers) for feed, reply in replies})
            entry = self._entries.get(key)
        if entry is None:
            host, _, name = key.partition("/")
            if len(name) != 24 or not any(f"//{host}/" in f"{feed}/" for feed in self._config.feeds):
                raise NotFoundError(f"{key!r} is no entry of these feeds")
            raise DocumentChangedError(f"{key} is no longer in its feed", "nothing to do: it stays as it was indexed")
        return RawDocument(key, entry.page.encode("utf-8", "replace"), "text/html", entry.title, entry.link)

    def _keep(self, entries: Mapping[str, list[Entry]]) -> None:
        self._entries = {entry.key: entry for found in entries.values() for entry in found}
        self._looked = time.monotonic()

    def _get(self, feed: str, former: Mapping[str, Any]) -> Reply:
        """Ask for a feed, on condition that it has changed.

        Raises:
            SourceError: it is not there, or not to be read.
            SourceUnreachableError: its server does not answer.
        """
        import httpx

        address = feed
        conditions = {"If-None-Match": former.get("etag"), "If-Modified-Since": former.get("modified")}
        asked = {name: value for name, value in conditions.items() if value}
        own = {name: value.get_secret_value() for name, value in self._config.headers.items()}
        for _ in range(_HOPS):
            reply = self._client.get(address, self._config.max_bytes, {**asked, **(own if address == feed else {})})
            if reply.status == 200 or (reply.status == 304 and former):
                return reply
            if reply.is_busy:
                raise SourceUnreachableError(f"{feed} answers with status {reply.status}", "the next sync tries again")
            if reply.status not in _REDIRECTS:
                raise SourceError(f"{feed} answers with status {reply.status}", "check the address and its sign-in")
            address = str(httpx.URL(address).join(reply.headers.get("location", "")))
            if not address.startswith(("http://", "https://")):
                break
        raise SourceError(f"{feed} leads round in circles, or out of the web", "name the feed's own address")


def _read(cursor: str | None) -> dict[str, Any]:
    """Return what a cursor of this source holds; nothing where it is none: everything is asked for then."""
    try:
        found = json.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
