"""The WebDAV source against wsgidav, a WebDAV server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cheroot.wsgi import Server
from wsgidav.wsgidav_app import WsgiDAVApp

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.webdav import WebdavConfig, WebdavSource
from tests.contracts.data_source_contract import DataSourceContract
from tests.fakes.sleepless import sleepless
from tests.plugins.web.site import Page, WebSite, running

PASSWORD = "hush-hush-hush"  # noqa: S105 - of this test's own server


@dataclass
class WebdavScene:
    root: Path
    url: str
    source: WebdavSource
    clock: int = 1_700_000_000

    def put(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.clock += 2  # the server's ETags know whole seconds only
        os.utime(path, (self.clock, self.clock))

    def remove(self, key: str) -> None:
        (self.root / key).unlink()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[WebdavScene]:
    root = tmp_path / "served" / "My files"
    root.mkdir(parents=True)
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/dav": str(root.parent)},
            "simple_dc": {"user_mapping": {"*": {"ann": {"password": PASSWORD}}}},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "verbose": 0,
            "logging": {"enable": False},
        }
    )
    server = Server(("127.0.0.1", 0), app, numthreads=2)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    url = f"http://127.0.0.1:{server.bind_addr[1]}/dav/My%20files"
    try:
        yield WebdavScene(root, url, source(url))
    finally:
        server.stop()
        thread.join()


def source(url: str, **more: Any) -> WebdavSource:
    values = {"url": url, "username": "ann", "password": PASSWORD, "private_hosts": ["127.0.0.1", "localhost"], **more}
    return WebdavSource(WebdavConfig.model_validate(values))


def listed(one: WebdavSource) -> dict[str, str | None]:
    changes = list(one.changes(None))
    assert changes[-1] == Checkpoint("", complete=True)
    return {change.key: change.version for change in changes if isinstance(change, Changed)}


class TestWebdavSource(DataSourceContract):
    @pytest.fixture
    def scene(self, scene: WebdavScene) -> WebdavScene:
        return scene


def test_enters_by_the_same_register_as_any_plugin() -> None:
    assert "webdav" in load_registry().sources


def test_only_what_is_wanted_and_nothing_hidden(scene: WebdavScene) -> None:
    for key in ("a.pdf", "Ä & B/b #1.pdf", "old/c.pdf", "d.exe", ".trash/e.pdf", ".f.pdf"):
        scene.put(key, b"x")
    one = source(scene.url, include=["*.pdf"], exclude=["old/*"])
    assert set(listed(one)) == {"a.pdf", "Ä & B/b #1.pdf"}
    raw = one.fetch("Ä & B/b #1.pdf")
    assert (raw.data, raw.title) == (b"x", "b #1.pdf")
    assert raw.uri == f"{scene.url}/%C3%84%20%26%20B/b%20%231.pdf"
    for key in ("d.exe", ".f.pdf", "../x.pdf"):
        with pytest.raises(NotFoundError):
            one.fetch(key)


def test_a_wrong_password_is_said_and_not_shown(scene: WebdavScene) -> None:
    with pytest.raises(SourceError, match="refuses the sign-in") as caught:
        listed(source(scene.url, password="wrong-wrong"))
    assert not caught.value.retryable
    assert "wrong-wrong" not in str(caught.value)


def test_limits_and_what_is_no_folder_are_said(scene: WebdavScene) -> None:
    scene.put("a.txt", b"x" * 200)
    with pytest.raises(DocumentTooLargeError, match="over 100 bytes"):
        source(scene.url, max_bytes=100).fetch("a.txt")
    with pytest.raises(SourceError, match="status 404"):
        listed(source(f"{scene.url}/nowhere"))


@pytest.mark.parametrize(
    ("page", "error", "why"),
    [
        (Page(b"<html>", 207), SourceError, "does not answer as WebDAV"),
        (Page(b"<a/>", 207), SourceError, "does not answer as WebDAV"),
        (Page(status=503), SourceUnreachableError, "503"),
        (Page(status=423), SourceUnreachableError, "423"),
        (Page(status=301, headers={"Location": "http://elsewhere.example/"}), SourceError, "leads to"),
        (Page(status=301, headers={"Location": "/dav/"}), SourceError, "in circles"),
    ],
)
def test_strange_answers(page: Page, error: type[Exception], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)
    with running(WebSite({"/dav/": page})) as site, pytest.raises(error, match=why) as caught:
        listed(source(f"{site.url}/dav"))
    assert type(caught.value) is error


def test_a_private_network_is_closed_unless_the_admin_opens_it(scene: WebdavScene) -> None:
    with pytest.raises(SourceError, match="private network"):
        listed(source(scene.url, private_hosts=[]))


@pytest.mark.parametrize("url", ["file:///etc", "https://ann:x@cloud.example/dav", "https://cloud.example/?x"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        load_registry().validate("webdav", {"url": url})


def row(path: str, owner: str, *sharees: tuple[int, str], folder: bool = False) -> str:
    people = "".join(f"<n:sharee><n:id>{name}</n:id><n:type>{kind}</n:type></n:sharee>" for kind, name in sharees)
    kind = "<collection/>" if folder else ""
    told = f"<o:owner-id>{owner}</o:owner-id>" if owner else ""
    return (
        f"<response><href>/dav/{path}</href><propstat><prop><resourcetype>{kind}</resourcetype><getetag>1</getetag>"
        f"{told}<n:sharees>{people}</n:sharees></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def multistatus(*rows: str) -> Page:
    spaces = 'xmlns="DAV:" xmlns:o="http://owncloud.org/ns" xmlns:n="http://nextcloud.org/ns"'
    return Page(f"<multistatus {spaces}>{''.join(rows)}</multistatus>".encode(), 207)


def test_readers_are_those_of_the_folders_above_too_and_links_are_for_nobody() -> None:
    root, deep = row("", "ann", folder=True), row("deep/", "ann", (1, "hr"), (3, "link"), folder=True)
    file = row("deep/a.txt", "ann", (0, "bob"), (6, "eve@elsewhere"), (7, "team"))
    pages = {"/dav/": multistatus(root, deep), "/dav/deep/": multistatus(deep, file)}
    wanted = Access(frozenset({"user:ann", "user:bob", "group:hr"}))
    with running(WebSite(pages)) as site:
        one = source(f"{site.url}/dav", shares=True)
        assert [change.access for change in one.changes(None) if isinstance(change, Changed)] == [wanted]
        deeper = [path for path in site.asked if path.startswith("/dav/deep")]
        assert deeper == ["/dav/deep/"]


def test_a_server_that_tells_no_owner_has_no_shares() -> None:
    page = multistatus(row("", "", folder=True), row("a.txt", ""))
    with running(WebSite({"/dav/": page})) as site, pytest.raises(SourceError, match="does not tell the owner"):
        listed(source(f"{site.url}/dav", shares=True))
