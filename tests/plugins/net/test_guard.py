"""Requests do not leave for a private network, whatever a name resolves to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.errors import DocumentTooLargeError, SourceError, SourceUnreachableError
from assistant.types.hosts import is_allowed
from plugins.net import GuardedTransport, PoliteClient, is_public
from plugins.net.client import _retry_after
from tests.plugins.web.site import Page, WebSite, running


@pytest.fixture
def site() -> Iterator[WebSite]:
    with running(WebSite()) as site:
        yield site


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.1.2.3"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "ff02::1"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:169.254.169.254"),
    ],
)
def test_these_are_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_these_are_public(address: str) -> None:
    assert is_public(address)


def test_hosts_are_allowed_by_name_or_below_one() -> None:
    assert is_allowed("Wiki.corp.example.", ["*.corp.example"])
    assert is_allowed("[::1]", ["::1"])
    assert not is_allowed("corp.example", ["*.corp.example"])
    assert not is_allowed("evilcorp.example", ["corp.example"])


def test_the_checked_address_is_the_one_that_is_dialled(monkeypatch: pytest.MonkeyPatch, site: WebSite) -> None:
    site.html("/", "inside")
    port = int(site.url.rpartition(":")[2])
    asked: list[str] = []

    def resolves_otherwise_the_second_time(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) > 1 else "192.0.2.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolves_otherwise_the_second_time)
    with httpx.Client(transport=GuardedTransport()) as client, pytest.raises(SourceError, match="private network"):
        client.get(f"http://rebinding.example:{port}/")
    assert site.asked == []
    assert asked == ["rebinding.example"]


def test_a_host_that_is_allowed_is_asked_by_its_own_name(site: WebSite) -> None:
    site.html("/", "inside")
    reply = PoliteClient(["localhost"]).get(f"{site.url}/", 1000)
    assert (reply.status, reply.media_type) == (200, "text/html")
    assert site.seen_headers[0]["Host"] == site.url.removeprefix("http://")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, site: WebSite) -> None:
    site.html("/", "inside")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert PoliteClient(["localhost"]).get(f"{site.url}/", 1000).status == 200


def test_a_body_over_the_limit_is_refused_packed_or_not(site: WebSite) -> None:
    import gzip

    site.pages["/"] = Page(gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"})
    with pytest.raises(DocumentTooLargeError, match="over 50,000 bytes"):
        PoliteClient(["localhost"]).get(f"{site.url}/", 50_000)


def test_a_host_without_a_name_or_an_answer_is_unreachable() -> None:
    with pytest.raises(SourceUnreachableError, match="cannot be found"):
        PoliteClient(tries=1).get("http://nowhere.invalid/", 10)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceUnreachableError, match="does not answer"):
            PoliteClient(["127.0.0.1"], tries=1).get(f"http://127.0.0.1:{taken.getsockname()[1]}/", 10)


def test_waits_are_read_as_seconds_or_dates() -> None:
    assert _retry_after("120") == 120
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert _retry_after("soon") is None
