"""The Slack source against a scripted workspace."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import (
    DocumentTooLargeError,
    DocumentUnreadableError,
    NotFoundError,
    SourceError,
    SourceUnreachableError,
)
from assistant.plugin_kit import PluginSuite
from assistant.registry import load_registry
from assistant.types import Access, Changed, Checkpoint, Deleted
from plugins.cloud.serving import as_json, serving
from plugins.slack import SlackConfig, SlackSource
from plugins.slack.scripted import TOKEN, Slack, ratelimited
from tests.fakes.sleepless import sleepless

DAY = 86_400
NOON = time.time() // DAY * DAY - DAY + DAY / 2  # of yesterday: nothing here changes its day while it is tested


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    sleepless(monkeypatch)


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack()
    with serving(made):
        yield made


def config(slack: Slack, **more: Any) -> dict[str, Any]:
    told = {"token": TOKEN, "api": slack.url, "private_hosts": ["localhost"]}
    return {**told, "other_users": "user:{mail}", "public": "", **more}


def source(slack: Slack, **more: Any) -> SlackSource:
    return SlackSource(SlackConfig.model_validate(config(slack, **more)))


class Listed:
    """A listing, sorted by what it says."""

    def __init__(self, one: SlackSource, cursor: str | None = None) -> None:
        changes = list(one.changes(cursor))
        end = changes[-1]
        assert isinstance(end, Checkpoint)
        self.marks = {change.key: change.version for change in changes if isinstance(change, Changed)}
        self.gone = {change.key for change in changes if isinstance(change, Deleted)}
        self.cursor, self.is_whole = end.cursor, end.complete
        assert len(changes) == len(self.marks) + len(self.gone) + 2  # the first says that it can be listed


def day(at: float) -> str:
    return f"{dt.datetime.fromtimestamp(at, dt.UTC):%Y-%m-%d}"


def text(one: SlackSource, key: str) -> str:
    return one.fetch(key).data.decode()


class TestPlugin(PluginSuite):
    plugin = "slack"
    seconds = 120.0  # the machine may have other work


def test_a_thread_a_day_and_a_file_are_documents(slack: Slack) -> None:
    ann, bob = slack.person("Ann"), slack.person("Bob")
    channel = slack.channel("general", ann, bob)
    parent = slack.post(channel, ann, "How do I book a <https://x.example|room>?", NOON)
    slack.post(channel, bob, f"Ask <@{ann}>", NOON + 60, thread=parent)
    alone = slack.post(channel, bob, "Lunch is ready", NOON + 120)
    slack.post(channel, bob, "Bob joined", NOON + 130, subtype="channel_join")
    file = slack.upload(channel, "plan.pdf", b"%PDF", NOON)
    one = source(slack)
    keys = [f"{channel}/{parent}.html", f"{channel}/{day(NOON)}.html", f"{channel}/files/{file}/plan.pdf"]
    assert sorted(Listed(one).marks) == sorted(keys)
    thread = one.fetch(keys[0])
    assert (thread.title, thread.media_type) == ("#general: How do I book a room?", "text/html")
    assert thread.uri == f"https://acme.slack.com/archives/{channel}/p{parent.replace('.', '')}"
    assert thread.access == Access(frozenset({"user:ann@example.org", "user:bob@example.org"}))
    assert "Ask @Ann" in thread.data.decode()
    single = one.fetch(keys[1])
    assert single.title == f"#general, {day(NOON)}"
    assert single.uri.endswith(alone.replace(".", ""))
    assert "Lunch is ready" in single.data.decode()
    assert "book" not in single.data.decode()
    assert "joined" not in single.data.decode()
    raw = one.fetch(keys[2])
    assert (raw.data, raw.title, raw.uri) == (b"%PDF", "plan.pdf", f"https://acme.slack.com/files/{file}")


def test_a_sync_reads_the_last_days_and_sees_edits_replies_and_deletions(slack: Slack) -> None:
    ann = slack.person("Ann")
    channel = slack.channel("general", ann)
    old = slack.post(channel, ann, "old", NOON - 100 * DAY)
    stays = slack.post(channel, ann, "stays", NOON - 5 * DAY)
    goes = slack.post(channel, ann, "goes", NOON - 4 * DAY)
    edited = slack.post(channel, ann, "edited", NOON - 3 * DAY)
    asked = slack.post(channel, ann, "asked", NOON - 2 * DAY)
    first = Listed(source(slack))
    assert first.is_whole
    assert len(first.marks) == 5
    slack.mood.asked.clear()
    second = Listed(source(slack), first.cursor)
    assert not second.is_whole
    assert second.gone == set()
    assert {key: first.marks[key] for key in second.marks} == second.marks
    assert set(first.marks) - set(second.marks) == {f"{channel}/{day(float(old))}.html"}
    slack.delete(channel, goes)
    slack.edit(channel, edited, "corrected")
    slack.post(channel, ann, "answered", NOON, thread=asked)
    third = Listed(source(slack), second.cursor)
    assert third.gone == {f"{channel}/{day(float(one))}.html" for one in (goes, asked)}
    changed = {key for key, mark in third.marks.items() if second.marks.get(key) != mark}
    assert changed == {f"{channel}/{day(float(edited))}.html", f"{channel}/{asked}.html"}
    assert f"{channel}/{day(float(stays))}.html" in third.marks
    assert "corrected" in text(source(slack), f"{channel}/{day(float(edited))}.html")
    with pytest.raises(NotFoundError):
        source(slack).fetch(f"{channel}/{day(float(goes))}.html")


def test_edited_replies_are_seen_while_a_thread_is_young(slack: Slack) -> None:
    ann = slack.person("Ann")
    channel = slack.channel("general", ann)
    thread = slack.post(channel, ann, "asked", NOON)
    reply = slack.post(channel, ann, "answer", NOON + 1, thread=thread)
    slack.post(channel, ann, "thanks", NOON + 2, thread=thread)
    first = Listed(source(slack))
    slack.edit(channel, reply, "better answer")
    second = Listed(source(slack), first.cursor)
    assert second.marks[f"{channel}/{thread}.html"] != first.marks[f"{channel}/{thread}.html"]
    slack.mood.asked.clear()
    Listed(source(slack, edit_days=0), second.cursor)
    assert slack.mood.count("conversations.replies") == 0
    slack.delete(channel, thread)
    body = text(source(slack), f"{channel}/{thread}.html")
    assert "better answer" in body
    assert "asked" not in body
    assert "was deleted" not in body


def test_a_late_reply_that_the_channel_sees_brings_its_old_thread(slack: Slack) -> None:
    ann = slack.person("Ann")
    channel = slack.channel("general", ann)
    thread = slack.post(channel, ann, "asked long ago", NOON - 60 * DAY)
    slack.post(channel, ann, "first", NOON - 59 * DAY, thread=thread)
    first = Listed(source(slack))
    slack.post(channel, ann, "at last", NOON, thread=thread, subtype="thread_broadcast")
    second = Listed(source(slack), first.cursor)
    assert set(second.marks) == {f"{channel}/{thread}.html"}
    assert second.marks != first.marks
    assert "at last" in text(source(slack), f"{channel}/{thread}.html")


def test_everything_is_read_again_now_and_then_and_after_a_rest(slack: Slack) -> None:
    ann = slack.person("Ann")
    channel = slack.channel("general", ann)
    for days in (40, 30, 3):
        slack.post(channel, ann, "said", NOON - days * DAY)
    first = Listed(source(slack))
    told = json.loads(first.cursor)
    rested = json.dumps({**told, "at": time.time() - 20 * DAY})
    after = Listed(source(slack), rested)
    assert not after.is_whole
    assert len(after.marks) == 2  # as far back as the last sync looked
    old = json.dumps({**told, "whole": time.time() - 8 * DAY})
    assert Listed(source(slack), old).is_whole
    assert not Listed(source(slack, whole_every_days=0), old).is_whole
    assert Listed(source(slack), "no cursor of this source").is_whole
    del slack.channels[channel]
    lost = Listed(source(slack), first.cursor)
    assert (lost.is_whole, lost.marks) == (True, {})


def test_a_channel_whose_readers_changed_is_listed_whole(slack: Slack) -> None:
    ann, bob = slack.person("Ann"), slack.person("Bob")
    slack.person("Robot", is_bot=True)
    left = slack.person("Left", deleted=True)
    channel = slack.channel("hr", ann, left, is_private=True)
    slack.post(channel, ann, "old", NOON - 60 * DAY)
    slack.post(channel, ann, "new", NOON)
    key = f"{channel}/{day(NOON)}.html"
    first = Listed(source(slack))
    assert source(slack).fetch(key).access == Access(frozenset({"user:ann@example.org"}))
    slack.members[channel].append(bob)
    second = Listed(source(slack), first.cursor)
    assert second.marks.keys() == first.marks.keys()
    assert not set(second.marks.values()) & set(first.marks.values())
    assert "user:bob@example.org" in source(slack).fetch(key).access.allow  # type: ignore[union-attr]
    mapped = {"groups": {"#HR": "group:hr"}}
    third = Listed(source(slack, **mapped), second.cursor)
    assert len(third.marks) == 2
    assert source(slack, **mapped).fetch(key).access == Access(frozenset({"group:hr"}))
    slack.members[channel].append(slack.person("Cleo"))
    assert len(Listed(source(slack, **mapped), third.cursor).marks) == 1  # who is in it does not count then


def test_public_channels_are_for_whom_the_admin_says(slack: Slack) -> None:
    ann = slack.person("Ann")
    open_one, closed = slack.channel("open", ann), slack.channel("closed", ann, is_private=True)
    for channel in (open_one, closed):
        slack.post(channel, ann, "hi", NOON)
    one = source(slack, public="group:everyone", other_users="")
    assert one.fetch(f"{open_one}/{day(NOON)}.html").access == Access(frozenset({"group:everyone"}))
    assert one.fetch(f"{closed}/{day(NOON)}.html").access == Access(frozenset())
    assert source(slack, readers="rule").fetch(f"{closed}/{day(NOON)}.html").access is None


def test_channels_are_chosen_and_direct_messages_only_if_wanted(slack: Slack) -> None:
    ann = slack.person("Ann")
    team, old = slack.channel("team-a", ann), slack.channel("team-old", ann)
    secret = slack.channel("secret", ann, is_private=True)
    outside = slack.channel("outside", ann, is_member=False)
    direct = slack.direct(ann)
    for channel in (team, old, secret, outside, direct):
        slack.post(channel, ann, "hi", NOON)

    def channels(**more: Any) -> set[str]:
        return {key.partition("/")[0] for key in Listed(source(slack, **more)).marks}

    assert channels() == {team, old, secret}
    assert channels(private=False) == {team, old}
    assert channels(channels=["#team-*"], exclude=["*-old"]) == {team}
    assert channels(direct=True) == {team, old, secret, direct}
    assert source(slack, direct=True).fetch(f"{direct}/{day(NOON)}.html").title.startswith("Messages with Ann")
    for channel in (outside, direct):
        with pytest.raises(NotFoundError):
            source(slack).fetch(f"{channel}/{day(NOON)}.html")


def test_many_pages_nothing_and_since(slack: Slack) -> None:
    people = [slack.person(f"P{number}") for number in range(120)]
    channel = slack.channel("general", *people)
    slack.channel("empty", *people)
    for number in range(130):
        slack.post(channel, people[0], f"said {number}", NOON - number * DAY)
        slack.upload(channel, f"{number}.pdf", b"x", NOON - number * DAY)
    listed = Listed(source(slack))
    assert len(listed.marks) == 260
    assert len(source(slack).fetch(next(iter(listed.marks))).access.allow) == 120  # type: ignore[union-attr]
    since = dt.datetime.fromtimestamp(NOON - 9 * DAY, dt.UTC).date().isoformat()
    assert len(Listed(source(slack, since=since)).marks) == 20
    assert Listed(source(slack, channels=["empty"])).marks == {}


def test_files_that_are_not_handed_out_are_told(slack: Slack) -> None:
    ann = slack.person("Ann")
    channel, other = slack.channel("general", ann), slack.channel("other", ann)
    big = slack.upload(channel, "big.pdf", b"x" * 200, NOON)
    away = slack.upload(channel, "away.pdf", b"x", NOON, url_private="https://drive.example/x")
    slack.upload(channel, "gone.pdf", b"x", NOON, mode="tombstone")
    slack.upload(channel, "linked", b"", NOON, is_external=True)
    odd = slack.upload(channel, "a/b.pdf", b"ok", NOON)
    one = source(slack, max_bytes=100)
    keys = {f"{channel}/files/{big}/big.pdf", f"{channel}/files/{away}/away.pdf", f"{channel}/files/{odd}/a∕b.pdf"}
    assert set(Listed(one).marks) == keys
    assert one.fetch(f"{channel}/files/{odd}/a∕b.pdf").data == b"ok"
    with pytest.raises(DocumentTooLargeError, match="200 bytes, the limit is 100"):
        one.fetch(f"{channel}/files/{big}/big.pdf")
    with pytest.raises(DocumentUnreadableError, match=r"lies at drive\.example"):
        one.fetch(f"{channel}/files/{away}/away.pdf")
    with pytest.raises(NotFoundError):
        one.fetch(f"{other}/files/{odd}/a∕b.pdf")  # it is not in that channel: its readers are not the file's
    html = as_json({"ok": True, "file": slack.files[odd]}), (200, {"Content-Type": "text/html"}, b"<html>Sign in")
    one.fetch(f"{channel}/files/{odd}/a∕b.pdf")
    slack.mood.busy += [as_json({"ok": True, "channel": slack.channels[channel]}), *html]
    with pytest.raises(DocumentUnreadableError, match="files:read"):
        one.fetch(f"{channel}/files/{odd}/a∕b.pdf")
    assert Listed(source(slack, files=False)).marks == {}


def test_patience_is_had_and_has_an_end(slack: Slack, caplog: pytest.LogCaptureFixture) -> None:
    ann = slack.person("Ann")
    slack.post(slack.channel("general", ann), ann, "hi", NOON)
    slack.mood.busy += [ratelimited(), as_json({"ok": False, "error": "ratelimited"})]
    with caplog.at_level("DEBUG"):
        assert len(Listed(source(slack)).marks) == 1
    assert "hush" not in caplog.text
    slack.mood.busy += [ratelimited()] * 4
    with pytest.raises(SourceUnreachableError, match="asks for patience"):
        Listed(source(slack))
    slack.error = "internal_error"
    with pytest.raises(SourceUnreachableError, match="internal_error"):
        Listed(source(slack))
    slack.mood.is_down = True
    with pytest.raises(SourceUnreachableError):
        Listed(source(slack))


def test_rubbish_is_an_error_of_the_source(slack: Slack) -> None:
    slack.mood.is_damaged = True
    with pytest.raises(SourceError, match="something else than JSON"):
        Listed(source(slack))
    slack.mood.is_damaged = False
    ann = slack.person("Ann")
    channel = slack.channel("general", ann)
    slack.post(channel, ann, "hi", NOON)
    slack.messages[channel]["1.0"] = {"type": "message", "ts": "never", "text": "x"}
    slack.messages[channel] = {"1.0": {"type": "message", "ts": "never", "text": "x"}}
    with pytest.raises(SourceError, match="without its time"):
        Listed(source(slack))


@pytest.mark.parametrize(
    ("error", "scopes", "why"),
    [
        ("invalid_auth", "", "refuses auth.test: invalid_auth"),
        ("token_revoked", "", "token_revoked.*check the token"),
        ("", "users:read", "lacks the scope users:read for users.list"),
    ],
)
def test_the_connection_test_says_what_is_wrong(slack: Slack, error: str, scopes: str, why: str) -> None:
    ann = slack.person("Ann")
    slack.post(slack.channel("general", ann), ann, "hi", NOON)
    registry = load_registry()
    registry.try_source("slack", registry.validate("slack", config(slack)))
    slack.error = error
    slack.scopes -= {scopes}
    with pytest.raises(SourceError, match=why) as caught:
        registry.try_source("slack", registry.validate("slack", config(slack)))
    assert not caught.value.retryable
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["", "../x", "C0001", "C0001/2026-99-99.html", "C0001/1.5.html", "C0001/files/F9/x", "C9/2026-01-01.html"]
)
def test_other_keys_are_not_found(slack: Slack, key: str) -> None:
    assert slack.channel("general") == "C0001"
    with pytest.raises(NotFoundError):
        source(slack).fetch(key)
