"""The feed source against a real HTTP server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentChangedError,
    DocumentTooLargeError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint, Deleted
from plugins.feed import FeedConfig, FeedSource
from tests.fakes.sleepless import sleepless
from tests.plugins.web.site import Page, WebSite, running


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebSite]:
    sleepless(monkeypatch)
    with running(WebSite()) as site:
        yield site


def source(site: WebSite, *paths: str, **more: Any) -> FeedSource:
    feeds = [site.url + path for path in paths or ("/rss",)]
    values = {"feeds": feeds, "private_hosts": ["localhost"], "refresh_seconds": 0, **more}
    return FeedSource(FeedConfig.model_validate(values))


def rss(*entries: tuple[str, str]) -> Page:
    items = "".join(
        f"<item><guid>{name}</guid><title>{name} &amp; co</title><link>http://x.example/{name}</link>"
        f"<description>&lt;p&gt;{text}&lt;/p&gt;&lt;script&gt;bad()&lt;/script&gt;</description></item>"
        for name, text in entries
    )
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>"
    return Page(body.encode(), media_type="application/rss+xml")


ATOM = b"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>A</title>
<entry><id>tag:1</id><title>Release 2</title><link href="/r2"/><updated>2026-01-02T00:00:00Z</updated>
<author><name>Ann</name></author>
<content type="html">&lt;p&gt;Faster &lt;b&gt;search&lt;/b&gt;&lt;/p&gt;</content></entry>
</feed>"""


def listed(one: FeedSource, cursor: str | None = None) -> tuple[dict[str, str | None], list[str], Checkpoint]:
    changes = list(one.changes(cursor))
    assert isinstance(changes[-1], Checkpoint)
    assert not changes[-1].complete
    marks = {change.key: change.version for change in changes if isinstance(change, Changed)}
    return marks, [change.key for change in changes if isinstance(change, Deleted)], changes[-1]


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "feed" in load_registry().sources


def test_entries_come_change_and_stay_when_the_feed_forgets_them(site: WebSite) -> None:
    site.pages["/rss"] = rss(("one", "first"), ("two", "second"))
    one = source(site)
    marks, _, end = listed(one)
    assert len(marks) == 2
    raw = one.fetch(next(iter(marks)))
    assert (raw.title, raw.uri, raw.media_type) == ("one & co", "http://x.example/one", "text/html")
    assert b"<h1>one &amp; co</h1>" in raw.data
    assert b"<p>first</p>" in raw.data
    assert b"bad()" not in raw.data
    assert listed(one, end.cursor)[:2] == ({}, [])
    assert site.sent < 3 * len(site.pages["/rss"].body)
    site.pages["/rss"] = rss(("two", "changed"), ("three", "third"))
    again, gone, later = listed(one, end.cursor)
    assert gone == []
    assert len(again) == 2
    assert again[list(marks)[1]] != marks[list(marks)[1]]
    with pytest.raises(DocumentChangedError, match="stays as it was indexed"):
        one.fetch(next(iter(marks)))
    assert later.cursor


def test_what_left_its_feed_long_ago_is_deleted_where_that_is_wanted(site: WebSite) -> None:
    site.pages["/rss"] = rss(("one", "first"), ("two", "second"))
    marks, _, end = listed(source(site))
    first, second = marks
    memory = json.loads(end.cursor)
    memory["seen"] = dict.fromkeys(memory["seen"], 1_000_000_000)
    old = json.dumps(memory)
    assert listed(source(site, keep_days=30), old)[1] == []  # still named: unchanged is seen
    site.pages["/rss"] = rss(("two", "second"))
    _, gone, end = listed(source(site, keep_days=30), old)
    assert gone == [first]
    assert list(json.loads(end.cursor)["seen"]) == [second]


def test_several_feeds_of_both_kinds_and_a_feed_that_moved(site: WebSite) -> None:
    site.pages["/rss"] = rss(("one", "first"))
    site.pages["/old"] = Page(status=301, headers={"Location": "/atom"})
    site.pages["/atom"] = Page(ATOM, media_type="application/atom+xml")
    one = source(site, "/rss", "/old", headers={"Authorization": "Bearer hush-hush-hush"})
    raw = [one.fetch(key) for key in listed(one)[0]]
    assert [each.title for each in raw] == ["one & co", "Release 2"]
    assert b"<p>Ann</p>" in raw[1].data
    assert b"Faster <b>search</b>" in raw[1].data
    sent = {path: headers.get("Authorization") for path, headers in zip(site.asked, site.seen_headers, strict=True)}
    assert sent == {"/rss": "Bearer hush-hush-hush", "/old": "Bearer hush-hush-hush", "/atom": None}


@pytest.mark.parametrize(
    ("page", "error", "why"),
    [
        (Page(b"<html><body>home</body></html>"), SourceError, "is no feed"),
        (Page(status=404), SourceError, "status 404"),
        (Page(status=503), SourceUnreachableError, "status 503"),
        (Page(status=302, headers={"Location": "/rss"}), SourceError, "in circles"),
        (Page(status=302, headers={"Location": "file:///etc/passwd"}), SourceError, "out of the web"),
        (Page(b"x" * 2000), DocumentTooLargeError, "over 1,000 bytes"),
    ],
)
def test_what_is_no_feed_is_said(site: WebSite, page: Page, error: type[Exception], why: str) -> None:
    site.pages["/rss"] = page
    with pytest.raises(error, match=why) as caught:
        listed(source(site, max_bytes=1000))
    assert type(caught.value) is error


def test_a_private_network_is_closed_unless_the_admin_opens_it(site: WebSite) -> None:
    with pytest.raises(SourceError, match="private network"):
        listed(source(site, private_hosts=[]))
    assert site.asked == []
    with pytest.raises(ConfigurationError, match="not an http"):
        load_registry().validate("feed", {"feeds": ["file:///etc/passwd"]})


@pytest.mark.parametrize("key", ["../x", "", "other.example/0123456789abcdef01234567", "a//b"])
def test_other_keys_are_not_found(site: WebSite, key: str) -> None:
    site.pages["/rss"] = rss()
    with pytest.raises(NotFoundError):
        source(site).fetch(key)
