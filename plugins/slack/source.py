"""Lists the threads, days and files of Slack's channels and hands them out."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from assistant.errors import DocumentTooLargeError, DocumentUnreadableError, NotFoundError
from assistant.types import Change, Changed, Checkpoint, Deleted, RawDocument
from plugins.cloud import digest, readers_of
from plugins.slack.config import SlackConfig
from plugins.slack.reading import DAY, Channel, Workspace
from plugins.slack.text import first_words, is_said, page

_KEY = re.compile(
    r"(?P<channel>[A-Z0-9]+)/(?:(?P<day>\d{4}-\d\d-\d\d)\.html|(?P<thread>\d+\.\d+)\.html|files/(?P<file>[A-Z0-9]+)/[^/]+)"
)


class SlackSource:
    """A document for each thread, for what else was said in a channel on one day, and for each file.

    Keys are `CHANNEL/TIME.html`, `CHANNEL/DAY.html` and `CHANNEL/files/ID/NAME`, with Slack's ids of channels and
    files. Safe to call from several threads. The cursor holds what each channel's last days had.
    """

    def __init__(self, config: SlackConfig) -> None:
        self._config = config
        self._workspace = Workspace(config)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: the last days of every channel, and now and then everything."""
        self._workspace.sign_in()
        now = time.time()
        before = _read(cursor)
        channels = self._workspace.channels()
        self._workspace.look_into(channels[:1], now)
        yield Checkpoint(cursor or "")  # it can be listed: who only tries that need not wait for all of it
        former: dict[str, Any] = before.get("channels", {})
        rest = self._config.whole_every_days * DAY
        is_old = bool(rest) and now - float(before.get("whole", 0)) >= rest
        whole = not before or is_old or not former.keys() <= {one.id for one in channels}
        looked = min(now, float(before.get("at", now)))  # a source that rested looks back further
        start = _midnight(looked - self._config.window_days * DAY)
        kept: dict[str, Any] = {}
        for channel in channels:
            readers = self._workspace.readers_mark(channel)
            known = former.get(channel.id, {})
            oldest = 0.0 if whole or known.get("readers") != readers else start
            found: dict[str, float] = {}
            for key, mark, said in self._workspace.documents(channel, oldest, now):
                found[key] = said
                yield Changed(key, digest(mark, readers))
            gone = [key for key, said in known.get("keys", {}).items() if said >= oldest and key not in found]
            yield from (Deleted(key) for key in gone if not whole)
            later = _midnight(now - self._config.window_days * DAY)
            kept[channel.id] = {"readers": readers, "keys": {key: at for key, at in found.items() if at >= later}}
        told = {"at": now, "whole": now if whole else before["whole"], "channels": kept}
        yield Checkpoint(json.dumps(told, separators=(",", ":")), complete=whole)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        parts = _KEY.fullmatch(key)
        if parts is None:
            raise NotFoundError(f"{key!r} is nothing of this workspace")
        self._workspace.sign_in()
        channel = self._workspace.channel(parts["channel"])
        if parts["file"]:
            return self._file(key, channel, parts["file"])
        if parts["thread"]:
            return self._thread(key, channel, parts["thread"])
        return self._day(key, channel, parts["day"])

    def _thread(self, key: str, channel: Channel, ts: str) -> RawDocument:
        messages = self._workspace.thread(channel, ts)
        if len(messages) < 2 or not any(is_said(one) for one in messages):
            raise NotFoundError(f"{key} is no thread any more")
        names = self._workspace.names()
        about = next((words for one in messages if is_said(one) and (words := first_words(one, names))), "a thread")
        return self._page(key, channel, f"{channel.shown(names)}: {about}", messages, ts)

    def _day(self, key: str, channel: Channel, day: str) -> RawDocument:
        try:
            start = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()
        except ValueError:
            raise NotFoundError(f"{key!r} is nothing of this workspace") from None
        messages = [one for one in self._workspace.history(channel, start, start + DAY) if _stands_alone(one)]
        if not messages:
            raise NotFoundError(f"nothing is left of {key}")
        messages.sort(key=lambda one: float(one["ts"]))
        title = f"{channel.shown(self._workspace.names())}, {day}"
        return self._page(key, channel, title, messages, str(messages[0]["ts"]))

    def _page(self, key: str, channel: Channel, title: str, messages: list[dict[str, Any]], ts: str) -> RawDocument:
        link = self._workspace.link(channel)
        data = page(title, messages, self._workspace.names(), link)
        access = readers_of(self._workspace.holders(channel), self._config) if self._config.are_asked_for else None
        return RawDocument(key, data, "text/html", title, f"{link}{ts.replace('.', '')}", access)

    def _file(self, key: str, channel: Channel, one: str) -> RawDocument:
        file = self._workspace.file(one)
        if self._workspace.file_key(channel, file) != key or not self._workspace.is_in(channel, file):
            raise NotFoundError(f"{key} is gone")
        size, most = int(file.get("size") or 0), self._config.max_bytes
        if size > most:
            raise DocumentTooLargeError(
                f"{key} has {size:,} bytes, the limit is {most:,}", "raise max_bytes of the source, or leave files out"
            )
        url = file.get("url_private_download") or file.get("url_private")
        if not url:
            raise DocumentUnreadableError(f"Slack tells no address of {key}", "give the app the scope files:read")
        data = self._workspace.download(str(url), file)
        access = readers_of(self._workspace.holders(channel), self._config) if self._config.are_asked_for else None
        title = str(file.get("title") or file.get("name") or one)
        return RawDocument(key, data, "", title, str(file.get("permalink") or url), access)


def _stands_alone(message: Mapping[str, Any]) -> bool:
    return not message.get("reply_count") and "thread_ts" not in message and is_said(message)


def _midnight(at: float) -> float:
    return at - at % DAY


def _read(cursor: str | None) -> dict[str, Any]:
    """Return what the last sync left; nothing where this is not what it left."""
    try:
        told = json.loads(cursor or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) and {"at", "whole", "channels"} <= told.keys() else {}
