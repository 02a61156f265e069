"""Goes through a site once: asks for what may have changed, follows what is new, and says what there is."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from assistant.errors import DocumentTooLargeError, SourceError, SourceUnreachableError
from assistant.types import Change, Changed, Checkpoint, Deleted
from plugins.net import Reply
from plugins.web.addresses import clean, origin
from plugins.web.bodies import Bodies
from plugins.web.pages import HTML, Read, is_alike, is_document, read_page, read_sitemap
from plugins.web.site import Site
from plugins.web.state import Seen

log = logging.getLogger(__name__)
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})
_FAILURES_IN_A_ROW = 8
_SITEMAPS = 500
_SITEMAP_BYTES = 52_428_800  # the protocol's own limit


@dataclass(slots=True)
class Crawl:
    """One pass over the site.

    Args:
        site: asks for pages.
        former: what the pass before remembered.
        bodies: takes what is downloaded and is to be indexed.
    """

    site: Site
    former: Mapping[str, Seen]
    bodies: Bodies
    pages: dict[str, Seen] = field(default_factory=dict)
    _waiting: deque[str] = field(default_factory=deque)
    _found: set[str] = field(default_factory=set)
    _listed: set[str] = field(default_factory=set)
    _missing: dict[str, Read | None] = field(default_factory=dict)  # by origin: its page for what is not there
    _dates: dict[str, str] = field(default_factory=dict)
    _failed: int = 0  # pages in a row that did not answer
    _unknown: bool = False  # a page that may lead on to others did not answer

    def run(self) -> Iterator[Change]:
        """Yield what there is, and what is gone, and as the last thing a checkpoint without its cursor.

        Raises:
            SourceError: a start page is not there or not to be read, or the site has too many pages.
            SourceUnreachableError: the site does not answer.
        """
        for address in self.site.config.start:
            self._find(address)
        if self.site.config.use_sitemaps:
            for address in dict.fromkeys(origin(one) for one in self.site.config.start):
                self._sitemaps(address)
        yield from self._visit_all()
        if self._unknown:  # what no page led to this time is asked for itself: one that did not answer may lead there
            for address, page in self.former.items():
                if page.mark:
                    self._find(address)
            yield from self._visit_all()
        yield from self._aliases()
        yield Checkpoint("", complete=not self._unknown)

    def _visit_all(self) -> Iterator[Change]:
        while self._waiting:
            yield from self._visit(self._waiting.popleft())
            if len(self._listed) > self.site.config.max_pages:
                raise SourceError(
                    f"the site has over {self.site.config.max_pages:,} pages", "raise max_pages, or narrow `within`"
                )

    def _find(self, address: str) -> None:
        if address not in self._found and self.site.scope.holds(address):
            self._found.add(address)
            self._waiting.append(address)

    def _visit(self, address: str) -> Iterator[Change]:
        if not self.site.may_ask(address):
            if address in self.site.config.start:  # or all that is indexed would be taken for gone
                raise SourceError(f"robots.txt forbids the start page {address}", "ask whoever runs the site")
            return
        before = self.former.get(address)
        date = self._dates.get(address, "")
        if self.site.config.trust_sitemap_dates and before is not None and date and before.date == date:
            yield from self._keep(address, before)
            return
        try:
            reply = self.site.get(address, before)
        except DocumentTooLargeError:  # `fetch` says so; until the limit or the page is another one, once is enough
            self._listed.add(address)
            yield Changed(self.site.scope.key(address), f"over {self.site.config.max_bytes}")
            return
        except SourceUnreachableError:
            self._silent(address)
            yield self._failing(address, before)
            return
        if reply.is_busy:
            self._silent(address)
            yield self._failing(address, before)
            return
        self._failed = 0
        yield from self._answered(address, reply, before)

    def _answered(self, address: str, reply: Reply, before: Seen | None) -> Iterator[Change]:
        starts = address in self.site.config.start
        if reply.status == 304 and before is not None:
            yield from self._keep(address, replace(before, date=self._dates.get(address, before.date)))
        elif reply.status in REDIRECTS:
            target = clean(reply.headers.get("location", ""), address)
            inside = target is not None and self.site.scope.holds(target)
            if starts and not inside:
                raise SourceError(f"{address} leads to {target}", "start there, or add it to `within`")
            if target is not None and inside:
                self.pages[address] = Seen(links=(target,))
                self._find(target)
        elif reply.status == 200:
            yield from self._page(address, reply)
        elif starts:
            raise SourceError(f"{address} answers with status {reply.status}", "check the address and its sign-in")
        elif before is not None and before.mark and reply.status in GONE:
            yield Deleted(self.site.scope.key(address))
        elif reply.status not in GONE:
            log.info("web: %s answers with status %d and is left out", address, reply.status)

    def _page(self, address: str, reply: Reply) -> Iterator[Change]:
        starts = address in self.site.config.start
        if not is_document(reply.media_type) and not starts:
            return
        read = read_page(address, reply.media_type, reply.body, reply.headers)
        if not starts and reply.media_type in HTML and self._is_missing(address, read):
            if address in self.former:
                yield Deleted(self.site.scope.key(address))
            return
        inside = tuple(link for link in read.links if self.site.scope.holds(link))
        if not read.is_hidden:
            self.bodies.put(address, reply)
        canonical = read.canonical if read.canonical != address and self.site.scope.holds(read.canonical) else ""
        yield from self._keep(
            address,
            Seen(
                reply.headers.get("etag", ""),
                reply.headers.get("last-modified", ""),
                "" if read.is_hidden else read.digest,
                read.title,
                canonical,
                self._dates.get(address, ""),
                inside,
            ),
        )

    def _keep(self, address: str, page: Seen) -> Iterator[Change]:
        self.pages[address] = page
        for link in page.links:
            self._find(link)
        if page.canonical:
            self._find(page.canonical)
        elif page.mark:
            self._listed.add(address)
            yield Changed(self.site.scope.key(address), page.mark)

    def _failing(self, address: str, before: Seen | None) -> Change:
        """Return what is said of a page that could not be read now: it stays as it is, or it is a failure."""
        self._listed.add(address)
        if before is not None:
            self.pages[address] = before
            for link in before.links:
                self._find(link)
        else:
            self._unknown = True
        return Changed(self.site.scope.key(address), before.mark if before is not None and before.mark else None)

    def _silent(self, address: str) -> None:
        self._failed += 1
        if address in self.site.config.start or self._failed >= _FAILURES_IN_A_ROW:
            raise SourceUnreachableError(
                f"{urlsplit(address).netloc} does not answer, or is busy: {address}", "the next sync tries again"
            )

    def _aliases(self) -> Iterator[Change]:
        """List the pages that name another one as the real one, where that is not listed."""
        for address, page in self.pages.items():
            if page.canonical and page.mark and not self._is_listed(page.canonical):
                self._listed.add(address)
                yield Changed(self.site.scope.key(address), page.mark)

    def _is_listed(self, address: str) -> bool:
        seen: set[str] = set()
        while address not in self._listed and address in self.pages and address not in seen:
            seen.add(address)
            page = self.pages[address]
            address = page.canonical or (page.links[0] if page.links and not page.mark else "")
        return address in self._listed

    def _is_missing(self, address: str, read: Read) -> bool:
        place = origin(address)
        if place not in self._missing:
            probe = urljoin(self.site.config.start[0] if place == origin(self.site.config.start[0]) else place, ".")
            self._missing[place] = self._probe(f"{probe}{secrets.token_hex(12)}")
        missing = self._missing[place]
        return missing is not None and is_alike(read, missing)

    def _probe(self, address: str) -> Read | None:
        """Return the page that the site shows, as if it were one, where there is none; None if it does not."""
        try:
            reply = self.site.get(address, None)
        except (SourceUnreachableError, DocumentTooLargeError):
            return None
        if reply.status != 200 or reply.media_type not in HTML:
            return None
        return read_page(address, reply.media_type, reply.body, {})

    def _sitemaps(self, place: str) -> None:
        waiting = deque(self.site.sitemaps(place) or [f"{place}sitemap.xml"])
        done: set[str] = set()
        while waiting and len(done) < _SITEMAPS:
            address = waiting.popleft()
            if address in done:
                continue
            done.add(address)
            entries, more = self._sitemap(address)
            waiting.extend(more)
            self._dates |= entries
            for page in entries:
                self._find(page)

    def _sitemap(self, address: str) -> tuple[dict[str, str], list[str]]:
        """Return a sitemap's pages with their dates, and its sitemaps; from memory where it has not changed."""
        before = self.former.get(address)
        try:
            reply = self.site.get(address, before, _SITEMAP_BYTES)
            if reply.status == 304 and before is not None:
                self.pages[address] = before
                if before.title == "index":
                    return {}, list(before.links)
                return {link: self.former[link].date if link in self.former else "" for link in before.links}, []
            if reply.status in GONE or reply.status in REDIRECTS:
                return {}, []
            # an answer such as 500 comes with a body that is no sitemap
            more, entries = read_sitemap(address, reply.body if reply.status == 200 else b"<", _SITEMAP_BYTES)
        except (ValueError, SourceError, DocumentTooLargeError) as error:
            # many sites show some page here that is no sitemap: that matters only where there was one
            if before is not None:
                self._unknown = True
                self.pages[address] = before
                log.warning("web: the sitemap %s cannot be read, nothing is deleted: %s", address, error)
            return {}, []
        inside = tuple(one for one in entries if self.site.scope.holds(one))
        etag, modified = reply.headers.get("etag", ""), reply.headers.get("last-modified", "")
        self.pages[address] = Seen(etag, modified, title="index" if more else "", links=tuple(more) or inside)
        return {page: entries[page] for page in inside}, more
