"""The Confluence source against a fake of both editions' APIs that holds state."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
)
from assistant.plugin_kit import PluginSuite, SourceSuite
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint
from plugins.confluence import ConfluenceConfig, ConfluenceSource
from tests.fakes.confluence import MAIL, ConfluenceServer, Space
from tests.fakes.sleepless import sleepless
from tests.fakes.vendor_scene import marked, until_it_breaks
from tests.fakes.vendor_server import TOKEN, running
from tests.plugins.confluence.scene import ConfluenceScene


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


class TestPlugin(PluginSuite):
    plugin = "confluence"
    seconds = 120.0  # the machine may have other work


class TestConformance(SourceSuite):
    plugin, kind = "confluence", "confluence"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> ConfluenceScene:
        return ConfluenceScene(folder)


@pytest.fixture(params=["cloud", "datacenter"])
def server(request: pytest.FixtureRequest) -> Iterator[ConfluenceServer]:
    confluence = ConfluenceServer(is_cloud=request.param == "cloud")
    with running(confluence):
        yield confluence


def source(server: ConfluenceServer, **more: Any) -> ConfluenceSource:
    values = {
        "url": server.url,
        "token": TOKEN,
        "username": MAIL if server.is_cloud else "",
        "edition": "cloud" if server.is_cloud else "datacenter",
        "private_hosts": ["localhost"],
        "users": {"acc-ann": "user:ann", "acc-bob": "user:bob", "acc-cy": "user:cy"},
        "refresh_seconds": 0,
        **more,
    }
    return ConfluenceSource(ConfluenceConfig.model_validate(values))


def listed(one: ConfluenceSource, cursor: str | None = None) -> tuple[dict[str, str | None], Checkpoint]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    return marked(changes), end


def readers(one: ConfluenceSource, key: str) -> set[str]:
    access = one.fetch(key).access
    assert access is not None
    return set(access.allow)


def test_a_page_is_a_document_with_its_comments_and_its_attachment_another(server: ConfluenceServer) -> None:
    page = server.create("Leave <policy>", "<h2>Days</h2><p>There are <b>30</b> days.</p>")
    comment = server.create("Re", "<p>And in May?</p>", "comment", page.id)
    file = server.create("plan.pdf", kind="attachment", parent=page.id, data=b"%PDF")
    marks, _ = listed(source(server))
    assert set(marks) == {f"DOC/pages/{page.id}", f"DOC/attachments/{file.id}/plan.pdf"}
    raw = source(server).fetch(f"DOC/pages/{page.id}")
    text = raw.data.decode()
    assert (raw.title, raw.media_type, raw.uri) == ("Leave <policy>", "text/html", f"{server.url}/x/{page.id}")
    assert "<h1>Leave &lt;policy&gt;</h1><p><b>Space:</b> Documentation</p>" in text
    assert "There are <b>30</b> days." in text
    assert "<h2>Bob, 2026-03-01 12:02</h2><div><p>And in May?</p></div>" in text
    raw = source(server).fetch(f"DOC/attachments/{file.id}/plan.pdf")
    assert (raw.data, raw.title, raw.media_type) == (b"%PDF", "plan.pdf", "")
    server.edit(comment, "<p>And in June?</p>")
    again, _ = listed(source(server))
    assert [key for key in marks if marks[key] != again[key]] == [f"DOC/pages/{page.id}"]
    assert list(listed(source(server, attachments=False))[0]) == [f"DOC/pages/{page.id}"]


def test_a_page_is_read_by_whom_its_space_and_all_restrictions_above_it_let(server: ConfluenceServer) -> None:
    top, other = server.create("top"), server.create("other")
    below = server.create("below", parent=top.id)
    file = server.create("a.txt", kind="attachment", parent=below.id, data=b"x")
    keys = [f"DOC/pages/{one.id}" for one in (top, below, other)]
    attached = f"DOC/attachments/{file.id}/a.txt"
    space = server.spaces["DOC"]
    space.users, space.groups = ["acc-cy"], ["staff"]
    one = source(server, groups={"Staff": "group:all"})
    before, _ = listed(one)
    assert readers(one, keys[1]) == {"user:cy", "group:all"}
    top.users = ["acc-ann", "acc-eve"]  # one of the group, and one who may not read in the space
    assert readers(one, keys[0]) == {"user:ann"}
    assert readers(one, keys[1]) == readers(one, attached) == {"user:ann"}
    assert readers(one, keys[2]) == {"user:cy", "group:all"}
    after, _ = listed(one)
    assert {key for key in before if before[key] != after[key]} == {*keys[:2], attached}
    below.groups = ["staff"]
    assert readers(one, keys[1]) == {"user:ann"}
    top.users, below.users = [], ["acc-cy"]
    assert readers(one, keys[1]) == {"user:cy", "user:ann", "user:bob", "group:all"}
    server.members["staff"] = ["acc-bob"]
    assert "user:ann" not in readers(one, keys[1])
    below.users, below.groups = ["acc-eve"], []
    assert readers(one, keys[1]) == set()
    below.users = []
    top.users = [f"acc-{number}" for number in range(199)] + ["acc-ann"]  # too many for a list: they are asked for
    server.refused.add(f"/rest/api/content/{top.id}/restriction/byOperation/read")
    assert readers(one, keys[1]) == set()
    assert source(server, readers="rule").fetch(keys[1]).access is None


def test_a_restriction_for_hundreds_is_read_whole(server: ConfluenceServer) -> None:
    page = server.create("page")
    server.spaces["DOC"].users = ["acc-ann"]
    page.users = [f"acc-{number}" for number in range(199)] + ["acc-ann"]
    [(_, mark)] = listed(source(server))[0].items()
    assert len([asked for asked in server.asked if "byOperation" in asked.path]) == 2
    assert readers(source(server), f"DOC/pages/{page.id}") == {"user:ann"}
    page.users.clear()
    page.users.append("acc-ann")
    assert listed(source(server))[0] == {f"DOC/pages/{page.id}": mark}


def test_a_public_space_of_a_server_is_public() -> None:
    with running(ConfluenceServer(is_cloud=False)) as server:
        assert isinstance(server, ConfluenceServer)
        page = server.create("page")
        server.spaces["DOC"].is_strange = True
        assert readers(source(server), f"DOC/pages/{page.id}") == {"user:ann"}
        server.spaces["DOC"].is_public = True
        assert readers(source(server), f"DOC/pages/{page.id}") == {"group:everyone", "user:ann"}
        page.users = ["acc-eve"]
        assert readers(source(server, users={"acc-eve": "user:eve"}), f"DOC/pages/{page.id}") == {"user:eve"}


def test_people_of_the_cloud_are_found_by_mail() -> None:
    with running(ConfluenceServer()) as server:
        assert isinstance(server, ConfluenceServer)
        page = server.create("page")
        server.spaces["DOC"].users = ["acc-ann", "acc-hidden"]
        assert readers(source(server, users={MAIL: "user:ann"}), f"DOC/pages/{page.id}") == {"user:ann"}
        by_mail = source(server, users={}, other_users="user:{mail}")
        assert readers(by_mail, f"DOC/pages/{page.id}") == {f"user:{MAIL}"}


def test_all_spaces_and_one_that_goes(server: ConfluenceServer) -> None:
    server.spaces |= {"HR": Space("7002"), "me": Space("7003", kind="personal")}
    server.create("in doc")
    for space in ("HR", "me"):
        server.create(f"in {space}").space = space
    marks, end = listed(source(server))
    assert set(marks) == {"DOC/pages/101", "HR/pages/102"}
    assert set(listed(source(server, spaces=["me"]))[0]) == {"me/pages/103"}
    with pytest.raises(NotFoundError):
        source(server, spaces=["me"]).fetch("HR/pages/102")
    del server.spaces["HR"]
    marks, end = listed(source(server), end.cursor)
    assert (set(marks), end.complete) == ({"DOC/pages/101"}, True)
    with pytest.raises(SourceError, match="no space HR that the token may see"):
        listed(source(server, spaces=["HR"]))


def test_a_listing_that_broke_goes_on_with_the_next_space(server: ConfluenceServer) -> None:
    server.spaces["HR"] = Space("7002")
    for number in range(120):
        server.create(f"page {number}").space = "HR" if number % 2 else "DOC"
    server.breaks_at = 3 + 2 + 1 + (server.is_cloud * 0)
    first = until_it_breaks(source(server).changes(None))
    server.breaks_at = None
    before = {change.key for change in first if isinstance(change, Changed)}
    assert len(before) == 60
    cursor = [change.cursor for change in first if isinstance(change, Checkpoint)][-1]
    rest, end = listed(source(server), cursor)
    assert len(rest) == 60
    assert not before & rest.keys()
    assert not end.complete
    assert listed(source(server), end.cursor)[1].complete


def test_what_is_in_the_trash_or_moved_is_gone(server: ConfluenceServer) -> None:
    page, file = server.create("page"), server.create("a.txt", kind="attachment", parent="101", data=b"x" * 200)
    with pytest.raises(DocumentTooLargeError):
        source(server, max_bytes=100).fetch(f"DOC/attachments/{file.id}/a.txt")
    page.is_trashed = file.is_trashed = True
    for key in (f"DOC/pages/{page.id}", f"DOC/attachments/{file.id}/a.txt", "DOC/pages/999", f"HR/pages/{page.id}"):
        with pytest.raises(NotFoundError):
            source(server).fetch(key)


def test_what_is_wrong_is_said_and_the_token_is_not(server: ConfluenceServer) -> None:
    assert source(server).probe() == "the token reads 1 spaces: DOC"
    cases = {
        "refuses the token": {"token": "wrong-wrong"},
        "private network": {"private_hosts": []},
        "nothing at .*/wrong/": {"url": f"{server.url}/wrong"},
    }
    for why, config in cases.items():
        with pytest.raises(SourceError, match=why) as caught:
            source(server, **config).probe()
        assert "wrong-wrong" not in f"{caught.value} {caught.value.__cause__}"
    name = "/api/v2/spaces/7001/permissions" if server.is_cloud else "/rest/api/space/DOC/permissions"
    server.refused.add(name)
    with pytest.raises(SourceError, match="may not see who reads in the space DOC") as caught:
        source(server).probe()
    assert not isinstance(caught.value, DocumentUnreadableError)
    assert listed(source(server, readers="rule"))[1].complete


@pytest.mark.parametrize(
    "wrong", [{"spaces": ['A" or "']}, {"url": "https://ann:x@wiki.example"}, {"edition": "server"}]
)
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        load_registry().validate("confluence", {"url": "https://wiki.example", "token": "t", **wrong})
