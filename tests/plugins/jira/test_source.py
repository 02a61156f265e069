"""The Jira source against a fake of both editions' APIs that holds state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import ConfigurationError, DocumentTooLargeError, NotFoundError, SourceError
from assistant.plugin_kit import PluginSuite, SourceSuite
from assistant.registry import load_registry
from assistant.types import Changed, Checkpoint
from plugins.jira import JiraConfig, JiraSource
from tests.fakes.jira import MAIL, JiraServer, Project
from tests.fakes.sleepless import sleepless
from tests.fakes.vendor_scene import marked, until_it_breaks
from tests.fakes.vendor_server import TOKEN, running
from tests.plugins.jira.scene import JiraScene


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


class TestPlugin(PluginSuite):
    plugin = "jira"
    seconds = 120.0  # the machine may have other work


class TestConformance(SourceSuite):
    plugin, kind = "jira", "jira"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> JiraScene:
        return JiraScene(folder)


@pytest.fixture(params=["cloud", "datacenter"])
def server(request: pytest.FixtureRequest) -> Iterator[JiraServer]:
    jira = JiraServer(is_cloud=request.param == "cloud")
    with running(jira):
        yield jira


def source(server: JiraServer, **more: Any) -> JiraSource:
    values = {
        "url": server.url,
        "token": TOKEN,
        "username": MAIL if server.is_cloud else "",
        "edition": "cloud" if server.is_cloud else "datacenter",
        "private_hosts": ["localhost"],
        "users": {name: f"user:{name.removeprefix('acc-')}" for name in ("acc-ann", "acc-bob", "acc-lead")},
        "groups": {"staff": "group:all"},
        "refresh_seconds": 0,
        **more,
    }
    return JiraSource(JiraConfig.model_validate(values))


def listed(one: JiraSource, cursor: str | None = None) -> tuple[dict[str, str | None], Checkpoint]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    return marked(changes), end


def readers(one: JiraSource, key: str) -> set[str]:
    access = one.fetch(key).access
    assert access is not None
    return set(access.allow)


def test_an_issue_is_a_document_with_its_comments_and_what_is_attached_another(server: JiraServer) -> None:
    issue = server.create("It <breaks>", "<p>Since <b>May</b>.</p>")
    for number in range(70):
        server.comment(issue, f"<p>comment {number}.</p>")
    server.comment(issue, "<p>our secret</p>", role="Developers")
    file = server.attach(issue, "log.txt", b"ERROR 7")
    attached = f"DOC/{issue.key}/attachments/{file}/log.txt"
    assert set(listed(source(server))[0]) == {f"DOC/{issue.key}", attached}
    raw = source(server).fetch(f"DOC/{issue.key}")
    text = raw.data.decode()
    assert (raw.title, raw.media_type) == ("DOC-1: It <breaks>", "text/html")
    assert raw.uri == f"{server.url}/browse/DOC-1"
    assert "<p><b>Status:</b> Open</p>" in text
    assert "Since <b>May</b>." in text
    assert text.index("comment 0.") < text.index("comment 69.")
    assert "our secret" not in text
    assert "1 comments are for some readers only, and left out." in text
    raw = source(server).fetch(attached)
    assert (raw.data, raw.title, raw.media_type) == (b"ERROR 7", "log.txt", "")
    assert list(listed(source(server, attachments=False))[0]) == [f"DOC/{issue.key}"]
    for key in (f"{attached}.old", f"DOC/{issue.key}/attachments/999/log.txt", f"HR/{issue.key}"):
        with pytest.raises(NotFoundError):
            source(server).fetch(key)
    with pytest.raises(DocumentTooLargeError):
        source(server, max_bytes=5).fetch(attached)


def test_the_next_sync_asks_for_what_changed_in_the_last_days_only(server: JiraServer) -> None:
    issues = [server.create(f"number {number}") for number in range(230)]
    marks, end = listed(source(server))
    assert (len(marks), end.complete) == (230, True)
    server.tick(4 * 86400)
    server.edit(issues[3], "new")
    again, later = listed(source(server), end.cursor)
    assert 1 <= len(again) == len(set(again))
    assert again[f"DOC/{issues[3].key}"] != marks[f"DOC/{issues[3].key}"]
    server.tick(4 * 86400)
    server.asked.clear()
    assert set(listed(source(server), later.cursor)[0]) == {f"DOC/{issues[3].key}"}
    assert len(server.asked) < 7


def test_a_listing_that_broke_goes_on_and_what_was_deleted_is_found_after_that(server: JiraServer) -> None:
    for number in range(200):
        server.create(f"number {number}")
        server.tick(7200)
    server.breaks_at = 7
    first = until_it_breaks(source(server).changes(None))
    server.breaks_at = None
    before = {change.key for change in first if isinstance(change, Changed)}
    assert before
    del server.issues["DOC-1"]
    cursor = [change.cursor for change in first if isinstance(change, Checkpoint)][-1]
    rest, end = listed(source(server), cursor)
    assert len(before | rest.keys()) == 200
    assert len(rest) < 190
    assert not end.complete
    marks, whole = listed(source(server), end.cursor)
    assert (len(marks), whole.complete) == (199, True)
    told = json.loads(whole.cursor)
    assert not listed(source(server), whole.cursor)[1].complete
    assert listed(source(server), json.dumps(told | {"listed": told["listed"] - 25 * 3600}))[1].complete


def test_who_browses_a_project_is_read_from_its_scheme(server: JiraServer) -> None:
    key = f"DOC/{server.create('one').key}"
    project = server.projects["DOC"]
    one = source(server)
    assert readers(one, key) == {"user:ann"}
    marks, end = listed(one)
    project.roles["10002"] = [("user", "acc-ann"), ("group", "staff"), ("user", "acc-eve")]
    assert readers(one, key) == {"user:ann", "group:all"}
    server.tick(10 * 86400)
    again, later = listed(one, end.cursor)
    assert again.keys() == marks.keys()
    assert again[key] != marks[key]
    assert not later.complete
    project.holders = [("projectLead", ""), ("reporter", ""), ("applicationRole", "jira-software")]
    assert readers(one, key) == {"user:lead", "user:bob"}
    assert "group:crew" in readers(source(server, groups={"application:jira-software": "group:crew"}), key)
    project.holders = [("anyone", "")]
    assert readers(one, key) == {"group:everyone"}
    project.holders = [("group", "staff"), ("user", "acc-ann"), ("sd.customer.portal.only", "")]
    assert readers(one, key) == {"group:all", "user:ann"}
    project.holders = []
    assert readers(one, key) == set()
    assert source(server, readers="rule").fetch(key).access is None


def test_a_security_level_leaves_those_of_the_projects_readers_whom_it_names() -> None:
    with running(JiraServer()) as server:
        assert isinstance(server, JiraServer)
        issue = server.create("one")
        key = f"DOC/{issue.key}"
        server.projects["DOC"].holders = [("group", "staff")]
        server.levels["7"] = [("user", "acc-bob"), ("user", "acc-eve")]
        one = source(server)
        assert readers(one, key) == {"group:all"}
        marks, end = listed(one)
        issue.level, issue.updated = "7", server.tick()
        assert readers(one, key) == {"user:bob"}
        marks, end = listed(one, end.cursor)
        server.tick(10 * 86400)
        server.members["staff"] = ["acc-ann"]  # the issue stays as it is, and nobody may read it any more
        again, _ = listed(one, end.cursor)
        assert again[key] != marks[key]
        assert readers(one, key) == set()
        assert readers(source(server, levels={"level 7": ["group:legal"]}), key) == {"group:legal"}
        server.refused.add("/rest/api/3/issuesecurityschemes/level/member")
        with pytest.raises(SourceError, match="may not see who is in the security level level 7"):
            listed(one)


def test_a_security_level_of_a_server_is_for_the_admin_to_say() -> None:
    with running(JiraServer(is_cloud=False)) as server:
        assert isinstance(server, JiraServer)
        issue = server.create("one")
        issue.level = "7"
        with pytest.raises(SourceError, match=r'Data Center does not tell .*"level 7": \["group:NAME"\]'):
            listed(source(server))
        named = source(server, levels={"level 7": ["group:legal"]})
        assert readers(named, f"DOC/{issue.key}") == {"group:legal"}
        _, end = listed(named)
        server.tick(10 * 86400)
        assert listed(source(server, levels={"level 7": []}), end.cursor)[0]


def test_people_of_the_cloud_are_found_by_mail() -> None:
    with running(JiraServer()) as server:
        assert isinstance(server, JiraServer)
        key = f"DOC/{server.create('one').key}"
        assert readers(source(server, users={"acc-ann@x.example": "user:ann"}), key) == {"user:ann"}
        assert readers(source(server, users={}, other_users="user:{mail}"), key) == {"user:acc-ann@x.example"}


def test_all_projects_one_that_goes_and_an_issue_that_moved(server: JiraServer) -> None:
    server.projects["HR"] = Project()
    server.create("one")
    server.create("two", project="HR")
    _, end = listed(source(server))
    assert set(listed(source(server))[0]) == {"DOC/DOC-1", "HR/HR-2"}
    with pytest.raises(NotFoundError):
        source(server, projects=["DOC"]).fetch("HR/HR-2")
    server.moved["DOC-1"] = "HR-2"
    with pytest.raises(NotFoundError, match="DOC-1 is HR-2 now"):
        source(server).fetch("DOC/DOC-1")
    del server.projects["HR"]
    marks, end = listed(source(server), end.cursor)
    assert (set(marks), end.complete) == ({"DOC/DOC-1"}, True)


def test_what_is_wrong_is_said_and_the_token_is_not(server: JiraServer) -> None:
    assert source(server).probe() == "the token reads 1 projects: DOC"
    cases = {
        "refuses the token": {"token": "wrong-wrong"},
        "no project HR": {"projects": ["HR"]},
        "nothing at .*/wrong": {"url": f"{server.url}/wrong", "projects": []},
    }
    for why, config in cases.items():
        with pytest.raises(SourceError, match=why) as caught:
            source(server, **config).probe()
        assert "wrong-wrong" not in f"{caught.value} {caught.value.__cause__}"
    server.refused.add(f"{server.root}/project/DOC/permissionscheme")
    with pytest.raises(SourceError, match="may not see who browses the project DOC"):
        source(server).probe()
    assert listed(source(server, readers="rule"))[1].complete


@pytest.mark.parametrize("wrong", [{"projects": ["doc"]}, {"levels": {"x": ["all"]}}, {"url": "jira.example"}])
def test_configurations_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        load_registry().validate("jira", {"url": "https://jira.example", "token": "t", **wrong})
