"""The GitHub source against a fake of its API that holds state."""

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
from plugins.github import GithubConfig, GithubSource
from tests.fakes.github import GithubServer, Repo
from tests.fakes.sleepless import sleepless
from tests.fakes.vendor_scene import marked, until_it_breaks
from tests.fakes.vendor_server import TOKEN, running
from tests.plugins.github.scene import GithubScene


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return sleepless(monkeypatch)


class TestPlugin(PluginSuite):
    plugin = "github"
    seconds = 120.0  # the machine may have other work


class TestConformance(SourceSuite):
    plugin, kind = "github", "github"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> GithubScene:
        return GithubScene(folder)


@pytest.fixture
def server() -> Iterator[GithubServer]:
    github = GithubServer()
    with running(github):
        yield github


def source(server: GithubServer, **more: Any) -> GithubSource:
    values = {
        "url": server.url,
        "token": TOKEN,
        "repositories": ["acme/docs"],
        "private_hosts": ["localhost"],
        "users": {"AnnB": "user:ann"},
        "refresh_seconds": 0,
        **more,
    }
    return GithubSource(GithubConfig.model_validate(values))


def listed(one: GithubSource, cursor: str | None = None) -> tuple[dict[str, str | None], Checkpoint]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    return marked(changes), end


def test_a_pull_request_is_one_document_with_what_was_said_in_order(server: GithubServer) -> None:
    pull = server.create("Add a cache", "It is **faster**.", "pulls")
    server.comment(pull, "Looks good")
    server.comment(pull, "Rename this", path="src/cache.py")
    moment = "2027-01-01T00:00:00Z"
    pull.reviews += [
        {"body": "Approved at last", "user": None, "submitted_at": moment, "state": "APPROVED"},
        {"body": "", "user": {"login": "eve"}, "submitted_at": moment, "state": "COMMENTED"},
    ]
    raw = source(server).fetch(f"acme/docs/pulls/{pull.number}")
    assert (raw.title, raw.media_type) == ("Add a cache", "text/markdown")
    assert raw.uri == f"https://github.com/acme/docs/pull/{pull.number}"
    text = raw.data.decode()
    assert text.startswith("# Add a cache\n\n**Repository:** acme/docs #1  \n**State:** open")
    order = ["It is **faster**.", "## bob, 2026-03-01 12:02\n\nLooks good", "src/cache.py", "somebody, 2027-01-01"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "eve" not in text
    with pytest.raises(NotFoundError, match="not among its issues"):
        source(server).fetch(f"acme/docs/issues/{pull.number}")


def test_a_discussion_is_read_over_all_its_pages(server: GithubServer) -> None:
    talk = server.create("How?", "Tell me", "discussions")
    for number in range(60):
        server.comment(talk, f"answer {number}")
    raw = source(server).fetch(f"acme/docs/discussions/{talk.number}")
    text = raw.data.decode()
    assert "answer 0" in text
    assert "answer 59" in text
    assert "12:02, the answer\n\nanswer 0" in text


def test_the_next_sync_asks_for_what_changed_only(server: GithubServer) -> None:
    threads = [server.create(f"number {number}", "x", "pulls" if number % 2 else "issues") for number in range(250)]
    marks, end = listed(source(server))
    assert (len(marks), end.complete) == (250, True)
    server.asked.clear()
    server.tick(3600)
    server.edit(threads[3], "y")
    talk = server.create("later", "x", "discussions")
    marks2, later = listed(source(server), end.cursor)
    assert {f"acme/docs/pulls/{threads[3].number}", f"acme/docs/discussions/{talk.number}"} <= marks2.keys()
    assert len(marks2) < 10
    assert not later.complete
    assert len(server.asked) < 8
    again, _ = listed(source(server), later.cursor)
    assert all(marks2[key] == again[key] for key in again)


def test_an_edited_comment_brings_its_thread_though_that_kept_its_time(server: GithubServer) -> None:
    thread = server.create("one", "x")
    comment = server.comment(thread, "old")
    server.tick(86400)
    server.create("two", "x")
    _, end = listed(source(server))
    server.edit_comment(thread, comment, "new")
    marks, _ = listed(source(server), end.cursor)
    assert marks[f"acme/docs/issues/{thread.number}"] is None


def test_what_was_deleted_goes_when_all_is_listed_again(server: GithubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.create("one", "x")
    _, end = listed(source(server))
    server.repos["acme/docs"].threads.clear()
    assert not listed(source(server), end.cursor)[1].complete
    told = json.loads(end.cursor) | {"listed": json.loads(end.cursor)["listed"] - 25 * 3600}
    marks, again = listed(source(server), json.dumps(told))
    assert (marks, again.complete) == ({}, True)


def test_a_listing_that_broke_goes_on_where_it_was(server: GithubServer) -> None:
    for number in range(350):
        server.create(f"number {number}", "x")
    server.breaks_at = 4
    first = until_it_breaks(source(server).changes(None))
    server.breaks_at = None
    cursor = [change.cursor for change in first if isinstance(change, Checkpoint)][-1]
    rest, end = listed(source(server), cursor)
    before = {change.key for change in first if isinstance(change, Changed)}
    assert 0 < len(before) < 350
    assert len(before | rest.keys()) == 350
    assert len(rest) < 350
    assert not end.complete, "what was listed before it broke would be deleted"
    assert listed(source(server), end.cursor)[1].complete, "what was deleted meanwhile has to be seen"


def test_readers_come_from_the_repository_and_a_change_marks_every_thread(server: GithubServer) -> None:
    thread = server.create("one", "x")
    key = f"acme/docs/issues/{thread.number}"
    repo = server.repos["acme/docs"]
    repo.collaborators, repo.teams = ["annb", "stranger"], ["writers", "hidden"]
    named = {"groups": {"Acme/Writers": "group:docs"}}
    assert source(server).fetch(key).access == Access(frozenset({"user:ann"}))
    assert source(server, **named).fetch(key).access == Access(frozenset({"user:ann", "group:docs"}))
    others = {"other_users": "user:{name}", "other_groups": "group:{name}"}
    everyone = {"user:ann", "user:stranger", "group:acme/writers", "group:acme/hidden"}
    assert source(server, **others).fetch(key).access == Access(frozenset(everyone))
    marks, end = listed(source(server))
    server.tick(86400)
    repo.collaborators = ["stranger"]
    again, later = listed(source(server), end.cursor)
    assert again.keys() == {key}
    assert again[key] != marks[key]
    assert not later.complete
    assert source(server).fetch(key).access == Access(frozenset())
    repo.visibility = "public"
    assert source(server).fetch(key).access == Access(frozenset({"group:everyone"}))
    assert source(server, public="").fetch(key).access == Access(frozenset())
    repo.visibility = "internal"
    inner = source(server, groups={"internal": "group:staff"})
    assert inner.fetch(key).access == Access(frozenset({"group:staff"}))
    assert source(server, readers="rule").fetch(key).access is None


def test_who_reads_has_to_be_seen_or_the_admin_decides(server: GithubServer) -> None:
    server.create("one", "x")
    server.repos["acme/docs"].collaborators = None
    with pytest.raises(SourceError, match=r"may not see who reads acme/docs .*readers.* to rule"):
        listed(source(server))
    assert listed(source(server, readers="rule"))[1].complete


def test_all_repositories_of_an_organisation_and_those_that_go(server: GithubServer) -> None:
    server.repos["acme/b"] = Repo("acme/b", has_issues=False, has_discussions=False)
    for number in range(130):
        server.create(f"pull {number}", "x", "pulls", "acme/b")
    server.create("one", "x")
    marks, end = listed(source(server, repositories=["acme/*"]))
    assert len(marks) == 131
    server.tick(86400)
    late = server.create("late", "x", "pulls", "acme/b")
    marks, _ = listed(source(server, repositories=["acme/*"]), end.cursor)
    assert f"acme/b/pulls/{late.number}" in marks
    assert len(marks) < 10
    del server.repos["acme/b"]
    marks, end = listed(source(server, repositories=["acme/*"]), end.cursor)
    assert (list(marks), end.complete) == (["acme/docs/issues/131"], True)


def test_kinds_that_are_not_wanted_are_left_out(server: GithubServer) -> None:
    for kind in ("issues", "pulls", "discussions"):
        server.create(kind, "x", kind)
    assert list(listed(source(server, kinds=["pulls"]))[0]) == ["acme/docs/pulls/2"]
    with pytest.raises(NotFoundError):
        source(server, kinds=["pulls"]).fetch("acme/docs/issues/1")
    with pytest.raises(NotFoundError):
        source(server).fetch("acme/other/issues/1")


def test_limits_of_requests_are_waited_for_or_told(server: GithubServer, waits: list[float]) -> None:
    server.create("one", "x")
    server.busy = 2
    assert len(listed(source(server))[0]) == 1
    assert sum(waits) >= 2
    server.busy = 100
    with pytest.raises(SourceUnreachableError, match="takes no more requests"):
        listed(source(server))


def test_what_is_wrong_is_said_and_the_token_is_not(server: GithubServer) -> None:
    assert source(server).probe() == "the token reads 1 repositories: acme/docs"
    cases = {
        "refuses the token": {"token": "wrong-wrong"},
        "no repository acme/none": {"repositories": ["acme/none"]},
        "is not the API of GitHub|has no repository": {"url": f"{server.url}/wrong"},
        "private network": {"private_hosts": []},
    }
    for why, config in cases.items():
        with pytest.raises(SourceError, match=why) as caught:
            source(server, **config).probe()
        assert "wrong-wrong" not in f"{caught.value} {caught.value.__cause__}"
    thread = server.create("one", "x" * 2000)
    with pytest.raises(DocumentTooLargeError, match="limit is 1,000"):
        source(server, max_bytes=1000).fetch(f"acme/docs/issues/{thread.number}")


@pytest.mark.parametrize(
    "wrong",
    [{"repositories": ["docs"]}, {"url": "https://ann:x@github.com"}, {"users": {"ann": "ann"}}, {"public": "all"}],
)
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    values = {"token": "t", "repositories": ["acme/docs"], **wrong}
    with pytest.raises(ConfigurationError):
        load_registry().validate("github", values)
