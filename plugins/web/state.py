"""What a crawl remembers of each address until the next one, packed into a cursor."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One address as it was last answered.

    `mark` is empty where there is no document of its own: a redirect, a sitemap, a page that hides. `links` are the
    addresses that it leads to: those of the crawl that a page names, a redirect's target, a sitemap's entries.
    """

    etag: str = ""
    modified: str = ""
    mark: str = ""
    title: str = ""
    canonical: str = ""
    date: str = ""  # that the sitemap gave for it
    links: tuple[str, ...] = ()


def pack(pages: Mapping[str, Seen], scope: str) -> str:
    """Return a cursor. `scope` names the configuration that the pages were crawled with."""
    addresses = list(dict.fromkeys([*pages, *(link for page in pages.values() for link in page.links)]))
    numbers = {address: number for number, address in enumerate(addresses)}
    rows = [
        [getattr(page, one.name) for one in fields(Seen)[:-1]] + [[numbers[link] for link in page.links]]
        for page in pages.values()
    ]
    packed = zlib.compress(json.dumps([_FORMAT, scope, addresses, rows]).encode(), 6)
    return base64.b85encode(packed).decode("ascii")


def unpack(cursor: str | None, scope: str) -> dict[str, Seen]:
    """Return what `pack` was given; nothing where it was another configuration's, or another version wrote it."""
    if not cursor:
        return {}
    try:
        loaded: Any = json.loads(zlib.decompress(base64.b85decode(cursor)))
        written, former, addresses, rows = loaded
    except (ValueError, zlib.error):
        return {}
    if written != _FORMAT or former != scope:
        return {}
    pages: dict[str, Seen] = {}
    for number, (etag, modified, mark, title, canonical, date, links) in enumerate(rows):
        leads = tuple(addresses[link] for link in links)
        pages[addresses[number]] = Seen(etag, modified, mark, title, canonical, date, leads)
    return pages
