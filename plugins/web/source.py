"""Lists a site's pages and hands out their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from assistant.errors import (
    DocumentChangedError,
    DocumentUnreadableError,
    NotFoundError,
    SourceUnreachableError,
)
from assistant.types import Change, Checkpoint, RawDocument
from plugins.net import Reply
from plugins.web.bodies import Bodies
from plugins.web.config import WebConfig
from plugins.web.crawl import GONE, REDIRECTS, Crawl
from plugins.web.pages import HTML, read_page
from plugins.web.site import Site
from plugins.web.state import Seen, pack, unpack


class WebSource:
    """Every page that the start pages and the sitemaps lead to; the key is its path, with a host if there are several.

    The cursor remembers what each page said of itself, so that the next sync asks only for what changed since.
    """

    def __init__(self, config: WebConfig) -> None:
        self._site = Site(config)
        self._bodies = Bodies()
        asked = config.model_dump_json(include={"start", "within", "exclude", "use_sitemaps", "obey_robots"})
        self._scope = hashlib.sha256(asked.encode()).hexdigest()[:16]

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always the whole site, with conditional requests for what the cursor knows."""
        self._site.begin()
        crawl = Crawl(self._site, unpack(cursor, self._scope), self._bodies)
        for change in crawl.run():
            if isinstance(change, Checkpoint):
                yield replace(change, cursor=pack(crawl.pages, self._scope))
            else:
                yield change

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        address = self._site.scope.address(key)
        if address is None:
            raise NotFoundError(f"{key!r} is no page of this site")
        reply = self._read(address)
        if reply.status in GONE:
            raise NotFoundError(f"{address} is gone")
        if reply.is_busy:
            raise SourceUnreachableError(f"{address} answers with status {reply.status}", "the next sync tries again")
        if reply.status in REDIRECTS:
            raise DocumentChangedError(f"{address} leads elsewhere now", "the next sync lists it anew")
        if reply.status != 200:
            raise DocumentUnreadableError(
                f"{address} answers with status {reply.status}", "check the sign-in, or leave it out with `exclude`"
            )
        title = ""
        if reply.media_type in HTML:
            title = read_page(address, reply.media_type, reply.body, reply.headers).title
        name = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
        media_type = reply.media_type if reply.media_type != "text/plain" else ""  # said of everything
        return RawDocument(key, reply.body, media_type, title or name or urlsplit(address).netloc, address)

    def _read(self, address: str) -> Reply:
        """Ask for a page, and only whether it has changed where the listing has just read it."""
        kept = self._bodies.take(address)
        if kept is None:
            return self._site.get(address, None)
        former = Seen(kept.headers.get("etag", ""), kept.headers.get("last-modified", ""))
        reply = self._site.get(address, former)
        return kept if reply.status == 304 else reply
