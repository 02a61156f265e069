"""The SharePoint source against a scripted Microsoft Graph."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import (
    ConfigurationError,
    DocumentChangedError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
)
from assistant.plugin_kit import PluginSuite, SourceSuite
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint
from plugins.cloud.serving import as_json, serving
from plugins.sharepoint import SharepointConfig, SharepointSource
from plugins.sharepoint.conformance import GraphScene
from plugins.sharepoint.scripted import SECRET, Graph, granted
from tests.fakes.sleepless import sleepless

SAME = {"other_users": "user:{name}", "other_groups": "group:{name}"}


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph()
    with serving(made):
        yield made


def config(graph: Graph, **more: Any) -> dict[str, Any]:
    values = {"tenant": "contoso.onmicrosoft.com", "client_id": "app-1", "client_secret": SECRET}
    values |= {"api": graph.url, "login": graph.url, "private_hosts": ["localhost"]}
    return {**values, **({} if "user" in more else {"site": "https://contoso.sharepoint.com/sites/hr"}), **more}


def source(graph: Graph, **more: Any) -> SharepointSource:
    return SharepointSource(SharepointConfig.model_validate(config(graph, **more)))


def listed(one: SharepointSource, cursor: str | None = None) -> tuple[dict[str, str | None], str]:
    changes = list(one.changes(cursor))
    end = changes[-1]
    assert isinstance(end, Checkpoint)
    assert end.complete
    return {change.key: change.version for change in changes if isinstance(change, Changed)}, end.cursor


class TestPlugin(PluginSuite):
    plugin = "sharepoint"
    seconds = 120.0  # the machine may have other work


class TestSource(SourceSuite):
    plugin, kind = "sharepoint", "sharepoint"
    seconds = 120.0  # the machine may have other work

    def scene(self, folder: Path) -> GraphScene:
        return GraphScene(folder)

    def test_readers_are_those_of_the_source(self) -> None:
        """Graph tells of nobody who is denied: the kit's check would ask for that."""
        scene = GraphScene(Path())
        try:
            scene.put("a.txt", b"x")
            scene.set_readers("a.txt", {"group:hr", "user:ann"}, set())
            assert scene.source().fetch("a.txt").access == Access(frozenset({"group:hr", "user:ann"}))
        finally:
            scene.close()


def test_only_changes_are_asked_for_after_the_first_sync(graph: Graph) -> None:
    library = graph.main
    folder = library.add("Policies", library.root)
    for number in range(230):
        library.add(f"{number}.txt", folder, b"%d" % number)
    one = source(graph)
    first, cursor = listed(one)
    assert len(first) == 230
    assert (graph.mood.count("/delta"), graph.mood.count("/permissions")) == (3, 1)  # all inherit the root's rights
    graph.mood.asked.clear()
    assert listed(one, cursor)[0] == first
    assert len(graph.mood.asked) == 3  # the root, what changed, and the root's rights
    library.change(folder, name="Rules")  # the changes name the folder only
    renamed, cursor = listed(one, cursor)
    assert sorted(renamed.values()) == sorted(first.values())
    assert all(key.startswith("Rules/") for key in renamed)
    library.delete(folder)
    assert listed(one, cursor)[0] == {}


def test_a_folder_of_a_named_library_or_a_onedrive(graph: Graph) -> None:
    other, personal = graph.other, graph.personal
    inside, outside = other.add("in & out", other.root), other.add("else", other.root)
    moving = other.add("100% new #1", outside)
    other.add("a.txt", inside, b"a")
    other.add("b.txt", moving, b"b")
    one = source(graph, library="contracts", folder="/in & out/")
    keys, cursor = listed(one)
    assert set(keys) == {"a.txt"}
    other.change(moving, parent=inside)
    keys, cursor = listed(one, cursor)
    assert set(keys) == {"a.txt", "100% new #1/b.txt"}
    raw = one.fetch("100% new #1/b.txt")
    assert (raw.data, raw.title) == (b"b", "b.txt")
    assert raw.uri.startswith("https://contoso/01")
    personal.add("mine.txt", personal.root, b"m")
    assert set(listed(source(graph, user="ann@contoso.com"))[0]) == {"mine.txt"}
    with pytest.raises(SourceError, match=r"no library 'Nothing' \(there are: Contracts, Documents\)"):
        listed(source(graph, library="Nothing"))
    with pytest.raises(SourceError, match="no folder Nowhere"):
        listed(source(graph, folder="Nowhere"))


def test_rights_of_a_folder_reach_what_inherits_them(graph: Graph) -> None:
    library = graph.main
    library.share(library.root, granted("group", "all@contoso.com"))
    folder = library.add("f", library.root)
    library.add("a.txt", folder, b"x")
    library.add("b.txt", library.root, b"y")
    own = library.add("own.txt", folder, b"z")
    library.share(own, granted("user", "ann@contoso.com"))
    one = source(graph, **SAME)
    first, cursor = listed(one)
    assert one.fetch("f/a.txt").access == Access(frozenset({"group:all@contoso.com"}))
    library.share(folder, granted("group", "hr@contoso.com"))
    second, cursor = listed(one, cursor)
    assert {key for key in first if first[key] != second[key]} == {"f/a.txt"}
    assert one.fetch("f/a.txt").access == Access(frozenset({"group:hr@contoso.com"}))
    assert one.fetch("f/own.txt").access == Access(frozenset({"user:ann@contoso.com"}))
    # the changes do not tell of the site's own rights
    library.own[library.root] = [granted("group", "few@contoso.com")]
    third, _ = listed(one, cursor)
    assert {key for key in second if second[key] != third[key]} == {"b.txt"}
    assert listed(one)[0] == third  # all listed anew says the same


def test_links_logins_and_limited_access(graph: Graph) -> None:
    everyone = {"siteUser": {"id": "3", "displayName": "Everyone", "loginName": "c:0(.s|true"}}
    staff = {"siteUser": {"loginName": "c:0-.f|rolemanager|spo-grid-all-users/9188"}, "user": {"displayName": "E"}}
    people = [
        {"user": {"id": "u1", "displayName": "Misty", "email": "misty@contoso.com"}},
        {"application": {"id": "a"}},
    ]
    rights = [
        granted("user", "ann@contoso.com"),
        granted("user", "pass@contoso.com") | {"roles": ["sp.limited access"]},
        granted("user", "late@contoso.com") | {"expirationDateTime": "2020-01-01T00:00:00Z"},
        granted("group", "hr@contoso.com") | {"expirationDateTime": "0001-01-01T00:00:00Z"},
        {"roles": ["owner"], "grantedToV2": {"siteGroup": {"id": "4", "displayName": "HR Owners"}}},
        {"roles": ["write"], "link": {"type": "edit", "scope": "organization"}},
        {"roles": ["read"], "link": {"type": "view", "scope": "anonymous"}},
        {"roles": ["read"], "link": {"type": "view", "scope": "existingAccess"}},
        {"roles": ["write"], "link": {"scope": "users"}, "grantedToIdentitiesV2": people},
        {"roles": ["read"], "grantedToV2": None, "grantedTo": {"user": {"id": "u2", "displayName": "Old"}}},
        {"roles": ["read"], "invitation": {"email": "guest@gmail.com", "signInRequired": True}},
        {"roles": ["read"], "grantedToV2": everyone},
        {"roles": ["read"], "grantedToV2": staff},
    ]
    graph.page = 5
    library = graph.main
    library.share(library.add("a.txt", library.root, b"x"), *rights)

    def allowed(**more: Any) -> set[str]:
        access = source(graph, **more).fetch("a.txt").access
        assert access is not None
        return set(access.allow)

    assert allowed() == {"group:everyone"}
    same = {"user:ann@contoso.com", "group:hr@contoso.com", "group:HR Owners", "user:misty@contoso.com", "user:u2"}
    assert allowed(**SAME, public="") == same
    mapped = {"groups": {"hr owners": "group:hr"}, "users": {"id-of-ann@contoso.com": "user:ann"}}
    assert allowed(**mapped, public="group:all") == {"group:all", "group:hr", "user:ann"}
    links = {"everyone-but-guests": "group:staff", "organization-link": "group:x", "anyone-link": "group:y"}
    assert allowed(links=links, public="") == {"group:staff", "group:x", "group:y"}
    assert source(graph, readers="rule").fetch("a.txt").access is None
    graph.hidden_rights = True
    with pytest.raises(DocumentUnreadableError, match=r"who may read a\.txt"):
        source(graph).fetch("a.txt")
    with pytest.raises(SourceError, match="FullControl"):
        listed(source(graph))
    assert set(listed(source(graph, readers="rule"))[0]) == {"a.txt"}


def test_a_link_that_is_too_old_lists_all_anew(graph: Graph) -> None:
    library = graph.main
    library.add("a.txt", library.root, b"x")
    gone = library.add("b.txt", library.root, b"y")
    keys, cursor = listed(source(graph))
    library.delete(gone)
    library.add("c.txt", library.root, b"z")
    graph.kept_from = 99
    after, _ = listed(source(graph), cursor)
    assert after["a.txt"] == keys["a.txt"]
    assert set(after) == {"a.txt", "c.txt"}


def test_what_is_no_file_is_left_out_and_other_letters_are_another_name(graph: Graph) -> None:
    library = graph.main
    library.hashes = False
    library.add("a.txt", library.root, b"x")
    notebook = library.add("Notes", library.root, b"")
    del library.items[notebook]["file"]
    library.items[notebook]["package"] = {"type": "oneNote"}
    library.add("empty folder", library.root)
    one = source(graph)
    assert set(listed(one)[0]) == {"a.txt"}
    for key in ("A.TXT", "Notes", "empty folder", "b.txt"):
        with pytest.raises(NotFoundError):
            one.fetch(key)


def test_the_token_goes_to_graph_only(graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    library = graph.main
    library.add("a.txt", library.root, b"x")
    with caplog.at_level("DEBUG"):
        _, cursor = listed(source(graph))
        assert source(graph).fetch("a.txt").data == b"x"
    assert graph.leaked == []
    assert "eyJ" not in caplog.text + cursor
    elsewhere = json.dumps({**json.loads(cursor), "link": "https://evil.example/delta"})
    with pytest.raises(SourceError, match=r"leads to evil\.example"):
        listed(source(graph), elsewhere)


def test_limits_and_locks_are_told(graph: Graph) -> None:
    library = graph.main
    one = library.add("big.txt", library.root, b"x" * 200)
    with pytest.raises(DocumentTooLargeError, match="200 bytes, the limit is 100"):
        source(graph, max_bytes=100).fetch("big.txt")
    graph.refused[one] = 423
    with pytest.raises(DocumentChangedError):
        source(graph).fetch("big.txt")


@pytest.mark.parametrize(
    ("status", "more", "why"),
    [
        (
            200,
            {"client_secret": "wrong-wrong"},
            "does not let the application in: AADSTS7000215: Invalid client secret",
        ),
        (
            200,
            {"site": "https://contoso.sharepoint.com/sites/no"},
            "there is no site https://contoso.sharepoint.com/sites/no",
        ),
        (403, {}, "FullControl.All .*admin's consent"),
        (400, {}, "status 400"),
    ],
)
def test_the_connection_test_says_what_is_wrong(graph: Graph, status: int, more: dict[str, Any], why: str) -> None:
    if status != 200:
        graph.mood.busy.append(as_json({"error": {"code": "generalException", "message": "no"}}, status))
    with pytest.raises(SourceError, match=why) as caught:
        load_registry().try_source("sharepoint", load_registry().validate("sharepoint", config(graph, **more)))
    assert not caught.value.retryable
    assert "wrong-wrong" not in str(caught.value)


@pytest.mark.parametrize(
    "more", [{"site": ""}, {"site": "contoso.sharepoint.com"}, {"user": "ann", "site": "https://x.example"}]
)
def test_one_place_is_to_be_named(graph: Graph, more: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        load_registry().validate("sharepoint", config(graph, **more))


def test_only_what_is_wanted(graph: Graph) -> None:
    library = graph.main
    for name in ("a.pdf", "b.exe", "old.pdf"):
        library.add(name, library.root, b"x")
    one = source(graph, include=["*.pdf"], exclude=["old*"])
    assert set(listed(one)[0]) == {"a.pdf"}
    with pytest.raises(NotFoundError):
        one.fetch("b.exe")
