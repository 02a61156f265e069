"""Reads a feed's XML: its entries, each as a page of HTML."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import SourceError


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `key` names it for good, `mark` changes with what it says."""

    key: str
    mark: str
    title: str
    link: str
    page: str


def read_feed(url: str, body: bytes, headers: Mapping[str, str]) -> list[Entry]:
    """Return the entries of a feed, one a key, in the feed's order.

    Raises:
        SourceError: it is no feed.
    """
    import feedparser

    told = {"content-type": headers.get("content-type", ""), "content-location": url}
    # entities and the network are left alone by feedparser's own parser; it cleans the entries' HTML as well
    parsed = feedparser.parse(body, response_headers=told)
    if not parsed.get("version"):
        cause = parsed.get("bozo_exception") or "it is neither RSS nor Atom"
        raise SourceError(f"{url} is no feed: {cause}", "name the feed itself, not the page that links it")
    return list({entry.key: entry for entry in _entries(url, parsed.entries)}.values())


def key_of(place: str, identity: str) -> str:
    """Return the key of the entry that calls itself `identity`, of a feed on the host `place`."""
    return f"{place}/{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _entries(url: str, entries: list[Any]) -> Iterator[Entry]:
    place = urlsplit(url).netloc
    for entry in entries:
        title, link = str(entry.get("title", "")), str(entry.get("link", ""))
        texts = [part["value"] for part in entry.get("content", ()) if part.get("value")] or [entry.get("summary", "")]
        told = "".join(
            f"<p>{html.escape(str(entry[name]))}</p>" for name in ("author", "published", "updated") if entry.get(name)
        )
        heading = html.escape(title)
        page = (
            f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{heading}</title></head>"
            f"<body><h1>{heading}</h1>{told}{''.join(texts)}</body></html>"
        )
        identity = str(entry.get("id") or link or title)
        if identity:
            key = key_of(place, identity)
            mark = hashlib.sha256(page.encode("utf-8", "replace")).hexdigest()[:32]
            yield Entry(key, mark, title or link or key, link or url, page)
