"""A plugin that breaks is reported, and what called it goes on."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import Any

import pytest

from assistant.catalog import Secret, masked
from assistant.errors import (
    AssistantError,
    ConfigurationError,
    DocumentUnreadableError,
    NotFoundError,
    PluginError,
    SourceError,
    SourceUnreachableError,
    ToolError,
)
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import Access, Changed, Checkpoint, DocumentRef, User
from tests.plugin_host.conftest import Site
from tests.plugin_host.plugins import WIKI

TOKEN = "tok-5b1fa0e9d7"  # noqa: S105 (a made-up one)
ASKING = User("ann", frozenset({"hr"}))


@pytest.fixture(scope="module")
def wiki(site: Site) -> Site:
    site.put("wiki", WIKI)
    site.desk.enable("wiki")
    return site


def source(site: Site, **config: Any) -> Any:
    return site.registry.make_source("wiki", {"token": TOKEN, **config})


def still_works(site: Site) -> None:
    good = source(site)
    assert [change.key for change in good.changes(None) if isinstance(change, Changed)] == ["0.txt", "1.txt", "2.txt"]
    assert good.fetch("0.txt").data == b"text"


def test_a_source_is_listed_and_fetched_in_another_process(wiki: Site):
    good = source(wiki)
    assert list(good.changes(None)) == [*(Changed(f"{n}.txt", "1") for n in range(3)), Checkpoint("end", complete=True)]
    raw = good.fetch("0.txt")
    assert (raw.data, raw.uri, raw.access) == (b"text", "wiki://0.txt", Access(frozenset({"group:hr"})))
    assert good.unmoved("1") == "1!"
    with pytest.raises(NotFoundError, match="none is gone"):
        good.fetch("none")


def test_a_configuration_is_checked_there_and_its_secret_marked(wiki: Site):
    values = wiki.registry.validate("wiki", {"token": TOKEN})
    assert isinstance(values["token"], Secret)
    assert TOKEN not in str(masked(values))
    assert values["pages"] == 3
    with pytest.raises(ConfigurationError, match="pages"):
        wiki.registry.validate("wiki", {"pages": "many"})


def test_thousands_of_changes_come_whole_and_in_order(wiki: Site):
    found = [change.key for change in source(wiki, pages=5000).changes(None) if isinstance(change, Changed)]
    assert found == [f"{number}.txt" for number in range(5000)]


@pytest.mark.parametrize("where", ["fetch", "changes"])
@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("hang", "ran over its limit of 10 seconds"),
        ("memory", "more than its limit of 600 MB"),
        ("hoard", "more than its limit of 600 MB"),
        ("exit", "ended by itself with status 3"),
        ("leave", "SystemExit: leaving"),
        ("raise", "KeyError"),
    ],
)
def test_what_breaks_is_named_and_the_rest_goes_on(
    wiki: Site, where: str, mode: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    broken = source(wiki, mode=mode, where=where)
    kind = DocumentUnreadableError if where == "fetch" else SourceError
    with monkeypatch.context() as patch:
        if mode == "hang":  # no other is to fail because the machine has other work
            host = wiki.desk._enabled_host("wiki")
            patch.setattr(host, "_limits", replace(host._limits, seconds=10))
        with pytest.raises(kind, match=words) as raised:
            broken.fetch("a") if where == "fetch" else list(broken.changes(None))
    assert "'wiki'" in str(raised.value)
    assert TOKEN not in str(raised.value)
    info = wiki.desk.show("wiki")
    assert words in info.error, "the admin sees it"
    assert TOKEN not in info.error
    still_works(wiki)


@pytest.mark.parametrize(
    ("mode", "words"),
    [("garbage", "returned a dict"), ("other", "'other' where 'a' was asked for"), ("huge", "longer than it may be")],
)
def test_what_is_no_document_is_refused(wiki: Site, mode: str, words: str):
    with pytest.raises((PluginError, DocumentUnreadableError), match=words):
        source(wiki, mode=mode).fetch("a")
    still_works(wiki)


def test_rubbish_on_the_pipe_is_told(wiki: Site):
    with pytest.raises(AssistantError):
        source(wiki, mode="pipe").fetch("a")
    still_works(wiki)


def test_what_is_no_change_is_refused(wiki: Site):
    with pytest.raises(PluginError, match=r"listed .* \(dict\), which is no Changed"):
        list(source(wiki, mode="garbage", where="changes").changes(None))
    still_works(wiki)
    # and again by the owner, for whoever has taken that process over
    from assistant.plugin_host.messages import pack_change, unpack_change

    for change in (Changed("a"), Changed("a", "1", Access(frozenset({"group:hr"}), frozenset({"user:bob"})))):
        assert unpack_change(pack_change(change)) == change
    with pytest.raises(PluginError, match="which is no Changed"):
        pack_change(Changed("a", "1", "everyone"))
    for packed in (
        None,
        {},
        ["changed"],
        ["changed", "", None, None],
        ["changed", 5, None, None],
        ["deleted"],
        ["evil", "x"],
    ):
        with pytest.raises(ValueError, match="a change that is none"):
            unpack_change(packed)
    with pytest.raises(ValueError, match="readers that are none"):
        unpack_change(["changed", "a", "1", "hr"])


def test_a_logged_secret_is_masked_and_reported(wiki: Site, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        assert source(wiki, mode="log").fetch("a").data == b"text"
    assert "token is **********" in caplog.text
    assert TOKEN not in caplog.text
    assert "logged a secret" in wiki.desk.show("wiki").error


def test_prints_do_not_break_the_protocol(wiki: Site):
    assert source(wiki, mode="print").fetch("a").data == b"text"


def test_an_error_of_the_tree_stays_what_it_is(wiki: Site):
    with pytest.raises(SourceUnreachableError, match="the wiki is away") as raised:
        source(wiki, mode="away").fetch("a")
    assert raised.value.hint == "wait"


def test_no_secret_of_a_source_that_cannot_be_made_is_told(wiki: Site):
    with pytest.raises(PluginError, match="no source of") as raised:
        source(wiki, mode="make")
    assert TOKEN not in str(raised.value)


def test_who_stops_listening_stops_the_listing(wiki: Site, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.INFO):
        listing = iter(source(wiki, pages=100_000).changes(None))
        next(listing)
        listing.close()
    assert "stopped early" in caplog.text
    still_works(wiki)


def test_nothing_of_the_environment_is_passed_on(wiki: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASSISTANT_SECRET_KEY", "hush")
    assert b"hush" not in source(wiki, mode="environment").fetch("a").data


def test_a_tool_runs_there_for_its_user(wiki: Site):
    tool = wiki.registry.tool("echo")
    assert tool.writes
    result = tool.run({"text": "hello"}, ASKING)
    assert (result.text, result.data) == ("ann: hello", {"groups": ["hr"]})
    with pytest.raises(ToolError, match="bad is not echoed"):
        tool.run({"text": "bad"}, ASKING)
    with pytest.raises(PluginError, match="no ToolResult"):
        tool.run({"text": "none"}, ASKING)
    with pytest.raises(ToolError, match="KeyError"):
        tool.run({}, ASKING)


def test_a_post_processor_runs_there(wiki: Site):
    [shout] = wiki.registry.post_processors
    assert shout.process("q", "text [1]", ASKING) == "TEXT [1]"


def test_a_parser_of_it_parses_in_a_parser_process(wiki: Site):
    ref = DocumentRef("s", "a.wiki", "1", "a", "", "text/x-wiki", Access())
    parser = wiki.registry.parser_for(ref)
    assert parser.name == "wikitext"
    with ParserPool(1, 1 << 30, 60, 1000, wiki.desk.place_of_parser) as pool:
        assert pool.parse(parser.name, ref, b"hello").text == "wiki says hello"


def test_its_processes_end_with_the_desk(wiki: Site):
    host = next(iter(wiki.desk._hosts.values()))
    pids = [process._child.pid for process in host._living]
    assert pids
    wiki.desk.disable("wiki")
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)  # noqa: PTH110
    with pytest.raises(ConfigurationError, match="no source kind 'wiki'"):
        source(wiki)
