"""The GitLab source against a fake of its API that holds state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.plugin_kit import PluginSuite, SourceSuite
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.gitlab import GitlabConfig, GitlabSource
from tests.fakes.gitlab import GitlabServer, Project
from tests.fakes.sleepless import sleepless
from tests.fakes.vendor_scene import marked, until_it_breaks
from tests.fakes.vendor_server import TOKEN, running
from tests.plugins.gitlab.scene import GitlabScene

DOCS = "acme/team/docs"


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


class TestPlugin(PluginSuite):
    plugin = "gitlab"
    seconds = 120.0  # the machine may have other work


class TestConformance(SourceSuite):
    plugin, kind = "gitlab", "gitlab"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> GitlabScene:
        return GitlabScene(folder)


@pytest.fixture
def server() -> Iterator[GitlabServer]:
    gitlab = GitlabServer()
    with running(gitlab):
        yield gitlab


def source(server: GitlabServer, **more: Any) -> GitlabSource:
    values = {
        "url": server.url.removesuffix("/api/v4"),
        "token": TOKEN,
        "projects": [DOCS],
        "private_hosts": ["localhost"],
        "users": {"annb": "user:ann", "guest": "user:guest", "bob": "user:bob"},
        "refresh_seconds": 0,
        **more,
    }
    return GitlabSource(GitlabConfig.model_validate(values))


def listed(one: GitlabSource, cursor: str | None = None) -> tuple[dict[str, str | None], Checkpoint]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    return marked(changes), end


def readers(one: GitlabSource, key: str) -> set[str]:
    access = one.fetch(key).access
    assert access is not None
    return set(access.allow)


def test_a_merge_request_is_one_document_with_what_was_said(server: GitlabServer) -> None:
    request = server.create("Add a cache", "It is **faster**.", "merge_requests")
    for number in range(120):
        server.note(request, f"note {number}.")
    server.note(request, "Rename this", position={"new_path": "src/cache.py"})
    server.note(request, "changed the title", system=True)
    server.note(request, "our secret", internal=True)
    raw = source(server).fetch(f"{DOCS}/merge_requests/{request.iid}")
    text = raw.data.decode()
    assert (raw.title, raw.media_type) == ("Add a cache", "text/markdown")
    assert raw.uri == f"https://gitlab.example/{DOCS}/-/merge_requests/1"
    assert text.startswith(f"# Add a cache\n\n**Project:** {DOCS} !1  \n**State:** opened  \n**Author:** bob")
    assert text.index("note 0.") < text.index("note 119.") < text.index("src/cache.py\n\nRename this")
    assert "changed the title" not in text
    assert "our secret" not in text
    assert "1 internal notes are left out." in text


def test_pages_of_a_wiki_are_documents(server: GitlabServer) -> None:
    server.projects[DOCS].wiki = {"home": "Welcome", "guide/Ä b": "Text", "plain-adoc": "= Title"}
    marks, _ = listed(source(server))
    assert set(marks) == {f"{DOCS}/wiki/home", f"{DOCS}/wiki/guide/Ä b", f"{DOCS}/wiki/plain-adoc"}
    raw = source(server).fetch(f"{DOCS}/wiki/guide/Ä b")
    assert (raw.data.decode(), raw.media_type, raw.title) == ("# Ä b\n\nText\n", "text/markdown", "Ä b")
    assert source(server).fetch(f"{DOCS}/wiki/plain-adoc").media_type == "text/plain"
    server.projects[DOCS].wiki["home"] = "Welcome!"
    again, _ = listed(source(server))
    assert [key for key in marks if marks[key] != again[key]] == [f"{DOCS}/wiki/home"]
    with pytest.raises(NotFoundError):
        source(server).fetch(f"{DOCS}/wiki/gone")


def test_the_next_sync_asks_for_what_changed_only(server: GitlabServer) -> None:
    kinds = ("issues", "merge_requests")
    threads = [server.create(f"number {number}", "x", kinds[number % 2]) for number in range(250)]
    marks, end = listed(source(server))
    assert (len(marks), end.complete) == (250, True)
    server.asked.clear()
    server.tick(3600)
    server.edit(threads[3], "y")
    again, later = listed(source(server), end.cursor)
    key = f"{DOCS}/merge_requests/{threads[3].iid}"
    assert again[key] != marks[key]
    assert len(again) < 12
    assert len(server.asked) < 8
    assert not later.complete
    server.projects[DOCS].threads.clear()
    told = json.loads(later.cursor)
    assert not listed(source(server), later.cursor)[1].complete
    marks, whole = listed(source(server), json.dumps(told | {"listed": told["listed"] - 25 * 3600}))
    assert (marks, whole.complete) == ({}, True)


def test_a_listing_that_broke_goes_on_where_it_was(server: GitlabServer) -> None:
    for number in range(350):
        server.create(f"number {number}")
    server.breaks_at = 5
    first = until_it_breaks(source(server).changes(None))
    server.breaks_at = None
    before = {change.key for change in first if isinstance(change, Changed)}
    cursor = [change.cursor for change in first if isinstance(change, Checkpoint)][-1]
    rest, end = listed(source(server), cursor)
    assert 0 < len(before) < 350
    assert len(before | rest.keys()) == 350
    assert len(rest) < 350
    assert not end.complete
    assert listed(source(server), end.cursor)[1].complete


def test_members_read_as_far_as_their_level_goes(server: GitlabServer) -> None:
    issue, request = server.create("one"), server.create("two", kind="merge_requests")
    project = server.projects[DOCS]
    project.wiki["home"] = "Welcome"
    project.members = {"annb": 30, "guest": 10, "less": 5, "bob": 40}
    project.blocked = {"bob"}
    project.shared = {"friends": 20}
    keys = [f"{DOCS}/issues/{issue.iid}", f"{DOCS}/merge_requests/{request.iid}", f"{DOCS}/wiki/home"]
    one = source(server, groups={"Acme/Team": "group:team", "friends": "group:friends"})
    members = {"user:ann", "user:guest", "group:team", "group:friends"}
    assert [readers(one, key) for key in keys] == [members, {"user:ann"}, members]
    issue.confidential = True
    assert readers(one, keys[0]) == {"user:ann", "user:bob"}  # bob wrote it
    before, end = listed(one)
    project.members["guest"] = 20
    server.tick(86400)
    after, later = listed(one, end.cursor)
    assert {key for key in keys if before[key] != after[key]} == set(keys[:2])
    assert not later.complete
    assert readers(one, keys[0]) == {"user:ann", "user:guest", "user:bob"}
    project.visibility = "public"
    issue.confidential = False
    assert "group:everyone" in readers(one, keys[0])
    project.switches["wiki"] = "private"
    assert "group:everyone" not in readers(one, keys[2])
    project.visibility = "internal"
    assert "group:staff" in readers(source(server, groups={"internal": "group:staff"}), keys[1])
    assert source(server, readers="rule").fetch(keys[0]).access is None
    assert source(server, users={}).fetch(keys[1]).access == Access(frozenset())


def test_all_projects_of_a_group_and_one_that_goes(server: GitlabServer) -> None:
    server.projects["acme/b"] = Project(8, "acme/b", switches={"issues": "disabled", "wiki": "disabled"})
    server.projects["other/c"] = Project(9, "other/c")
    for project in (DOCS, "acme/b", "other/c"):
        server.create("request", kind="merge_requests", project=project)
    server.create("hidden", project="acme/b")
    one = source(server, projects=["acme/*", "acme/b"])
    marks, end = listed(one)
    assert set(marks) == {f"{DOCS}/merge_requests/1", "acme/b/merge_requests/2"}
    with pytest.raises(NotFoundError):
        one.fetch("other/c/merge_requests/3")
    del server.projects["acme/b"]
    marks, end = listed(source(server, projects=["acme/*"]), end.cursor)
    assert (set(marks), end.complete) == ({f"{DOCS}/merge_requests/1"}, True)


def test_what_is_wrong_is_said_and_the_token_is_not(server: GitlabServer) -> None:
    assert source(server).probe() == f"the token reads 1 projects: {DOCS}"
    cases = {
        "refuses the token": {"token": "wrong-wrong"},
        "no project acme/none": {"projects": ["acme/none"]},
        "no project": {"url": f"{server.url}/wrong"},
        "private network": {"private_hosts": []},
    }
    for why, config in cases.items():
        with pytest.raises(SourceError, match=why) as caught:
            source(server, **config).probe()
        assert "wrong-wrong" not in f"{caught.value} {caught.value.__cause__}"
    server.refused.add("/projects/7/members/all")
    with pytest.raises(SourceError, match="may not see the members"):
        listed(source(server))
    assert listed(source(server, readers="rule"))[1].complete
    server.busy = 100
    with pytest.raises(SourceUnreachableError, match="takes no more requests"):
        listed(source(server))


def test_limits_and_kinds_hold(server: GitlabServer) -> None:
    issue = server.create("one", "x" * 2000)
    server.create("two", kind="merge_requests")
    with pytest.raises(DocumentTooLargeError):
        source(server, max_bytes=1000).fetch(f"{DOCS}/issues/{issue.iid}")
    only = source(server, kinds=["merge_requests"])
    assert set(listed(only)[0]) == {f"{DOCS}/merge_requests/2"}
    for key in (f"{DOCS}/issues/1", f"{DOCS}/merge_requests/x"):
        with pytest.raises(NotFoundError):
            only.fetch(key)
    server.asked.clear()
    for key in ("acme/../other/issues/1", f"{DOCS}/wiki/..", f"{DOCS}/wiki/a/../../issues", f"{DOCS}/wiki//a"):
        with pytest.raises(NotFoundError):
            source(server, projects=["acme/*"]).fetch(key)
    assert not server.asked


@pytest.mark.parametrize("wrong", [{"projects": ["docs"]}, {"kinds": ["files"]}, {"url": "https://x.example/?a"}])
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        load_registry().validate("gitlab", {"token": "t", "projects": [DOCS], **wrong})
