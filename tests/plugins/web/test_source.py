"""The web source against a real HTTP server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint, Deleted
from plugins.web import WebConfig, WebSource
from tests.contracts.data_source_contract import DataSourceContract
from tests.fakes.sleepless import sleepless
from tests.plugins.web.site import Page, WebSite, path_of, running


@pytest.fixture
def site() -> Iterator[WebSite]:
    with running(WebSite()) as site:
        yield site


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the client wants to sleep, without sleeping."""
    return sleepless(monkeypatch)


def source(site: WebSite, **more: Any) -> WebSource:
    values = {"start": [f"{site.url}/"], "private_hosts": ["localhost"], "delay_seconds": 0, **more}
    return WebSource(WebConfig.model_validate(values))


def listed(source: WebSource, cursor: str | None = None) -> tuple[dict[str, str | None], list[str], Checkpoint]:
    changes = list(source.changes(cursor))
    marks = {change.key: change.version for change in changes if isinstance(change, Changed)}
    gone = [change.key for change in changes if isinstance(change, Deleted)]
    assert isinstance(changes[-1], Checkpoint)
    return marks, gone, changes[-1]


@dataclass
class WebScene:
    site: WebSite
    source: WebSource
    keys: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, data: bytes) -> None:
        self.keys[key] = data
        self.site.pages[path_of(key)] = Page(data, media_type="text/plain")
        self._index()

    def remove(self, key: str) -> None:
        del self.keys[key]
        del self.site.pages[path_of(key)]
        self._index()

    def _index(self) -> None:
        self.site.html("/", links=tuple(map(path_of, self.keys)), head='<meta name="robots" content="noindex">')


class TestWebSource(DataSourceContract):
    @pytest.fixture
    def scene(self, site: WebSite) -> WebScene:
        scene = WebScene(site, source(site))
        scene._index()
        return scene


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "web" in load_registry().sources


def test_the_second_sync_asks_for_changes_only_and_follows_them(site: WebSite) -> None:
    site.html("/", "home", ("/a", "/b"))
    site.html("/a", "first", ("/c",))
    site.html("/b", "second")
    site.html("/c", "third")
    marks, _, end = listed(source(site))
    assert set(marks) == {"/", "a", "b", "c"}
    assert end.complete
    site.sent = 0
    assert listed(source(site), end.cursor)[0] == marks
    assert site.sent < 900  # bytes: five short answers and robots.txt
    site.html("/b", "changed", ("/d",))
    site.html("/d", "new")
    del site.pages["/c"]
    again, gone, end = listed(source(site), end.cursor)
    assert set(again) == {"/", "a", "b", "d"}
    assert (again["a"], gone) == (marks["a"], ["c"])
    assert again["b"] != marks["b"]
    assert end.complete


def test_a_page_that_only_changes_its_token_is_the_same(site: WebSite) -> None:
    site.html("/", "home", head="<script>var token = 1</script>")
    first = listed(source(site))[0]
    site.html("/", "home", head="<script>var token = 2</script>")
    assert listed(source(site))[0] == first


def test_it_stays_beside_and_below_its_start_pages_and_out_of_what_is_excluded(site: WebSite) -> None:
    site.html("/docs/", "home", ("/docs/a", "/blog", "http://other.example/", "mailto:x@y", "/docs/old/b", "?page=2"))
    site.html("/docs/a", "a")
    site.html("/docs/?page=2", "more")
    one = source(site, start=[f"{site.url}/docs/"], exclude=[f"{site.url}/docs/old/"])
    assert set(listed(one)[0]) == {"docs/", "docs/a", "docs/?page=2"}
    assert "/blog" not in site.asked
    with pytest.raises(NotFoundError):
        one.fetch("blog")


def test_robots_and_their_hints_are_obeyed(site: WebSite, naps: list[float]) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /*/private\nCrawl-delay: 3\n", media_type="text/plain")
    site.html("/", "home", ("/a/private", "/b", "/c"))
    site.html("/a/private", "no")
    site.html("/b", "hidden", ("/d",), head='<meta name="robots" content="noindex, nofollow">')
    site.html("/c", "open")
    site.html("/d", "never reached")
    assert set(listed(source(site))[0]) == {"/", "c"}
    assert "/a/private" not in site.asked
    assert "/d" not in site.asked
    assert max(naps) > 2
    assert set(listed(source(site, obey_robots=False))[0]) == {"/", "a/private", "c"}


def test_every_listing_asks_for_robots_anew(site: WebSite, naps: list[float]) -> None:
    site.html("/", links=("/a",))
    site.html("/a", "one")
    one = source(site)
    assert set(listed(one)[0]) == {"/", "a"}
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /a\nCrawl-delay: 3\n", media_type="text/plain")
    assert set(listed(one)[0]) == {"/"}
    del site.pages["/robots.txt"]
    assert set(one._site._client._delays.values()) == {3.0}
    assert set(listed(one)[0]) == {"/", "a"}
    assert set(one._site._client._delays.values()) == {0.0}  # the delay ends with the file that asked for it


def test_a_start_page_that_robots_forbid_is_said(site: WebSite) -> None:
    site.html("/", "home")
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /", media_type="text/plain")
    with pytest.raises(SourceError, match=r"robots\.txt forbids the start page"):
        listed(source(site))


def test_without_an_answer_to_robots_nothing_is_asked(site: WebSite, naps: list[float]) -> None:
    site.html("/", "home")
    site.pages["/robots.txt"] = Page(status=503)
    with pytest.raises(SourceUnreachableError, match="503"):
        listed(source(site))
    assert set(site.asked) == {"/robots.txt"}


def test_redirects_lead_to_one_document_and_loops_to_none(site: WebSite) -> None:
    site.html("/", "home", ("/old", "/loop", "/new", "/out"))
    site.pages["/old"] = Page(status=301, headers={"Location": "/new"})
    site.pages["/loop"] = Page(status=302, headers={"Location": "/pool"})
    site.pages["/pool"] = Page(status=302, headers={"Location": "/loop"})
    site.pages["/out"] = Page(status=302, headers={"Location": "http://127.0.0.1:1/"})
    site.html("/new", "new")
    marks, _, end = listed(source(site))
    assert set(marks) == {"/", "new"}
    assert end.complete
    assert site.asked.count("/loop") == 1


def test_links_that_go_round_end(site: WebSite) -> None:
    site.html("/", "home", ("/a", "/./b/../a", "//%61", "/a#part", "/a?utm_source=x"))
    site.html("/a", "a", ("/", "/a"))
    assert set(listed(source(site))[0]) == {"/", "a"}
    assert site.asked.count("/a") == 1


def test_a_page_shown_in_place_of_a_missing_one_is_none(site: WebSite) -> None:
    site.html("/", "home", ("/a", "/gone"))
    site.html("/a", "a page of its own")
    site.missing = Page(b"<title>Oops</title><body>We could not find what you look for, try our search</body>")
    assert set(listed(source(site))[0]) == {"/", "a"}


def test_the_canonical_page_stands_for_its_copies_unless_it_is_not_there(site: WebSite) -> None:
    site.html("/", "home", ("/print/a", "/b"))
    site.html("/print/a", "a", head='<link rel="canonical" href="/a">')
    site.html("/a", "a")
    site.html("/b", "b", head='<link rel="canonical" href="/nowhere">')
    assert set(listed(source(site))[0]) == {"/", "a", "b"}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_wishes(site: WebSite, naps: list[float], status: int) -> None:
    site.html("/", "home").busy = [(status, {"Retry-After": "7"}), (500, {})]
    marks, _, end = listed(source(site))
    assert set(marks) == {"/"}
    assert end.complete
    assert any(6 < nap <= 7 for nap in naps)


def test_a_page_that_does_not_answer_stays_and_nothing_is_deleted_for_it(site: WebSite, naps: list[float]) -> None:
    site.html("/", "home", ("/a", "/b"))
    site.html("/a", "a", ("/c",))
    site.html("/b", "b")
    site.html("/c", "c")
    marks, _, end = listed(source(site))
    site.pages["/a"].status = 500
    assert listed(source(site), end.cursor)[0] == marks
    site.html("/", "home", ("/b", "/new"))
    site.pages["/new"] = Page(status=500)
    again, gone, later = listed(source(site), end.cursor)
    assert again == {**marks, "/": again["/"], "new": None}
    assert (gone, later.complete) == ([], False)
    del site.pages["/c"]
    assert listed(source(site), later.cursor)[1] == ["c"]  # it says itself that it is gone
    with pytest.raises(SourceUnreachableError):
        source(site).fetch("new")


def test_a_site_that_is_down_fails_as_a_whole(site: WebSite, naps: list[float]) -> None:
    site.html("/", "home", tuple(f"/{number}" for number in range(20)))
    for number in range(20):
        site.pages[f"/{number}"] = Page(status=429, headers={"Retry-After": "3600"})
    with pytest.raises(SourceUnreachableError, match="busy"):
        listed(source(site))
    assert len(site.asked) < 15


@pytest.mark.parametrize(
    ("page", "error"),
    [(Page(status=404), "status 404"), (Page(status=302, headers={"Location": "http://x.example/"}), "x.ex")],
)
def test_a_start_page_that_is_not_there_is_said(site: WebSite, page: Page, error: str) -> None:
    site.pages["/"] = page
    with pytest.raises(SourceError, match=error):
        listed(source(site))


def test_sitemaps_name_pages_that_nothing_links(site: WebSite) -> None:
    site.pages["/robots.txt"] = Page(f"Sitemap: {site.url}/maps.xml".encode(), media_type="text/plain")
    site.pages["/maps.xml"] = Page(
        f"<sitemapindex><sitemap><loc>{site.url}/map.xml</loc></sitemap></sitemapindex>".encode()
    )
    entry = "<url><loc>{0}{1}</loc><lastmod>{2}</lastmod></url>"
    site.pages["/map.xml"] = Page(f"<urlset>{entry.format(site.url, '/a', '2026-01-01')}</urlset>".encode())
    site.html("/", "home")
    site.html("/a", "only in the map")
    marks, _, end = listed(source(site, trust_sitemap_dates=True))
    assert set(marks) == {"/", "a"}
    site.asked.clear()
    again, _, end = listed(source(site, trust_sitemap_dates=True), end.cursor)
    assert again == marks
    assert "/a" not in site.asked
    site.pages["/map.xml"] = Page(b"<html>down for the day</html>")
    again, _, end = listed(source(site), end.cursor)
    assert not end.complete
    assert "a" in again


def test_limits_are_said(site: WebSite) -> None:
    site.html("/", "home", ("/a", "/big.pdf"))
    site.html("/a", "a")
    site.pages["/big.pdf"] = Page(b"x" * 5000, media_type="application/pdf")
    one = source(site, max_bytes=1000)
    marks, _, end = listed(one)
    assert marks["big.pdf"] == "over 1000"
    assert end.complete
    with pytest.raises(DocumentTooLargeError, match=r"big\.pdf has over 1,000 bytes"):
        one.fetch("big.pdf")
    with pytest.raises(SourceError, match="over 1 pages"):
        listed(source(site, max_pages=1))


def test_a_page_is_fetched_with_its_title_and_address(site: WebSite) -> None:
    site.html("/a%20b", "text", head="<title>The  page</title>")
    raw = source(site).fetch("a b")
    assert (raw.title, raw.uri, raw.media_type) == ("The page", f"{site.url}/a%20b", "text/html")
    site.pages["/a%20b"].status = 403
    with pytest.raises(DocumentUnreadableError, match="403"):
        source(site).fetch("a b")


def test_a_private_network_is_closed_unless_the_admin_opens_it(site: WebSite) -> None:
    site.html("/", "home")
    with pytest.raises(SourceError, match=r"localhost lies in a private network \(.*127\.0\.0\.1") as caught:
        listed(source(site, private_hosts=[]))
    assert not caught.value.retryable
    assert site.asked == []


def test_headers_go_to_the_start_pages_host_and_into_no_error(site: WebSite) -> None:
    site.html("/", "home")
    site.pages["/"].status = 401
    one = source(site, headers={"Authorization": "Bearer hush-hush-hush"})
    with pytest.raises(SourceError) as caught:
        listed(one)
    assert site.seen_headers[-1]["Authorization"] == "Bearer hush-hush-hush"
    assert "hush" not in str(caught.value) + repr(one._site.config)


def test_with_several_hosts_the_keys_name_them(site: WebSite) -> None:
    site.html("/", "home")
    there = site.url.replace("localhost", "127.0.0.1")
    port = site.url.rpartition(":")[2]
    one = source(site, start=[f"{site.url}/", f"{there}/"], private_hosts=["localhost", "127.0.0.1"])
    marks, _, _ = listed(one)
    assert set(marks) == {f"localhost:{port}/", f"127.0.0.1:{port}/"}
    assert one.fetch(f"127.0.0.1:{port}/").uri == f"{there}/"


def test_another_configuration_does_not_use_the_cursor(site: WebSite) -> None:
    site.html("/", "home", ("/a",))
    site.html("/a", "a")
    _, _, end = listed(source(site))
    assert set(listed(source(site, exclude=[f"{site.url}/a"]), end.cursor)[0]) == {"/"}
    assert set(listed(source(site), "no cursor of ours")[0]) == {"/", "a"}
