"""Reads a Slack workspace: its channels, who is in them, and what was said there."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from assistant.errors import NotFoundError, SourceError
from plugins.cloud import Holder, digest
from plugins.slack.api import Object, SlackApi
from plugins.slack.config import SlackConfig
from plugins.slack.text import is_said

DAY = 86_400  # seconds
_KEPT_SECONDS = 300.0  # for which people's and channels' names are known
_NOT_THERE = frozenset({"tombstone", "hidden_by_limit", "external"})


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, or a conversation between people, `is_direct`; `name` is empty then."""

    id: str
    name: str
    is_public: bool
    is_direct: bool
    with_user: str = ""

    def shown(self, names: Mapping[str, str]) -> str:
        """Return what people call it."""
        return f"#{self.name}" if not self.is_direct else f"Messages with {names.get(self.with_user, 'several people')}"


class Workspace:
    """What the source reads. Safe to call from several threads; every method raises as `SlackApi.call`."""

    def __init__(self, config: SlackConfig) -> None:
        self._config = config
        self._api = SlackApi(config)
        self._home = ""  # the workspace's address, once it is known
        self._people: tuple[float, dict[str, Object]] = (-float("inf"), {})
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def sign_in(self) -> None:
        """See whose token it is, once."""
        if not self._home:
            home = self._api.call("auth.test").get("url")
            if not isinstance(home, str):
                raise SourceError("Slack tells no address of the workspace", "check the address of the API")
            self._home = home.rstrip("/")

    def channels(self) -> list[Channel]:
        """Return the wanted ones that the app is a member of."""
        config = self._config
        kinds = ["public_channel", *(["private_channel"] if config.private else [])]
        kinds += ["im", "mpim"] if config.direct else []
        asked = {"types": ",".join(kinds), "limit": "200"}
        found = [self._channel(one) for one in self._api.pages("conversations.list", "channels", asked)]
        return sorted((one for one in found if one is not None), key=lambda one: one.id)

    def channel(self, one: str) -> Channel:
        """Return one of the wanted channels; raises NotFoundError."""
        told = self._api.call("conversations.info", {"channel": one}).get("channel")
        channel = self._channel(told) if isinstance(told, dict) else None
        if channel is None:
            raise NotFoundError(f"{one} is none of the channels of this source")
        return channel

    def look_into(self, channels: Sequence[Channel], now: float) -> None:
        """See that people's names and what was said in these channels can be read."""
        self._users()
        for channel in channels:
            next(self.history(channel, now - DAY, now), None)

    def documents(self, channel: Channel, oldest: float, now: float) -> Iterator[tuple[str, str, float]]:
        """Yield key, mark and time of every thread, day and file that has something since `oldest`."""
        days: dict[str, list[str]] = defaultdict(list)
        threads: dict[str, str] = {}
        for message in self.history(channel, oldest, now + DAY):
            ts, parent = str(message["ts"]), str(message.get("thread_ts") or message["ts"])
            if message.get("reply_count"):
                threads[ts] = self._thread_mark(channel, message, now)
            elif parent != ts:  # a reply that was shown in the channel as well, of a thread that may be older
                threads.setdefault(parent, "")
            elif is_said(message):
                days[f"{dt.datetime.fromtimestamp(float(ts), dt.UTC):%Y-%m-%d}"].append(_said(message))
        for ts, mark in threads.items():
            if mark or len(messages := self.thread(channel, ts)) > 1:
                yield f"{channel.id}/{ts}.html", mark or digest(*map(_said, messages)), float(ts)
        for day, said in days.items():
            at = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()
            yield f"{channel.id}/{day}.html", digest(*sorted(said)), at
        if self._config.files:
            yield from self._files(channel, oldest)

    def history(self, channel: Channel, oldest: float, latest: float) -> Iterator[Object]:
        """Yield what was said in a channel from `oldest` on and before `latest`, without replies; newest first."""
        since = max(oldest, self._since)
        asked = {"channel": channel.id, "limit": "999", "oldest": f"{since:.6f}", "latest": f"{latest:.6f}"}
        for message in self._api.pages("conversations.history", "messages", {**asked, "inclusive": "true"}):
            at = _ts(message)
            if since <= at < latest:
                yield message

    def thread(self, channel: Channel, ts: str) -> list[Object]:
        """Return a thread's messages, the first one first; empty where there are none any more."""
        asked = {"channel": channel.id, "ts": ts, "limit": "999"}
        try:
            found = list(self._api.pages("conversations.replies", "messages", asked))
        except NotFoundError:
            return []
        return sorted({str(one["ts"]): one for one in found if _ts(one)}.values(), key=_ts)

    def names(self) -> Mapping[str, str]:
        """Return the names of people and channels by id."""
        people = self._users()
        return {**self._names, **{one: _called(user) for one, user in people.items()}}

    def holders(self, channel: Channel) -> list[Holder]:
        """Return who may read a channel: who it is mapped to, else its members."""
        places = (f"#{channel.name}", channel.id) if channel.name else (channel.id,)
        if any(name.casefold() in self._config.groups for name in places):
            return [Holder("group", places)]
        if channel.is_public and self._config.public:
            return [Holder("public", ())]
        people = self._users()
        members = [people[one] for one in self._api.members(channel.id) if one in people]
        return [
            Holder(
                "user",
                (str((user.get("profile") or {}).get("email") or ""), str(user["id"]), str(user.get("name", ""))),
            )
            for user in members
            if not user.get("deleted") and not user.get("is_bot")
        ]

    def readers_mark(self, channel: Channel) -> str:
        """Return what changes when others may read a channel, or it is called otherwise."""
        holders = self.holders(channel) if self._config.are_asked_for else []
        return digest(
            self._config.mapping_mark,
            channel.name,
            *sorted(f"{one.kind}:{name}" for one in holders for name in one.names),
        )

    def file(self, one: str) -> Object:
        """Return what Slack says of a file."""
        told = self._api.call("files.info", {"file": one}).get("file")
        if not self._config.files or not isinstance(told, dict) or not _is_there(told):
            raise NotFoundError(f"the file {one} is gone")
        return told

    def file_key(self, channel: Channel, file: Object) -> str:
        """Return a file's key in a channel."""
        name = str(file.get("name") or file["id"]).replace("/", "\N{DIVISION SLASH}")
        return f"{channel.id}/files/{file['id']}/{name if name not in {'.', '..'} else file['id']}"

    def is_in(self, channel: Channel, file: Object) -> bool:
        """Whether a file was posted into a channel."""
        return any(channel.id in (file.get(kind) or ()) for kind in ("channels", "groups", "ims"))

    def download(self, url: str, file: Object) -> bytes:
        """Return a file's bytes."""
        return self._api.download(url, file.get("mimetype") == "text/html", self._config.max_bytes)

    def link(self, channel: Channel) -> str:
        """Return the begin of the address of a channel's messages."""
        return f"{self._home}/archives/{channel.id}/p"

    @property
    def _since(self) -> float:
        since = self._config.since
        return 0.0 if since is None else dt.datetime(since.year, since.month, since.day, tzinfo=dt.UTC).timestamp()

    def _channel(self, told: Object) -> Channel | None:
        """Return a channel, None if it is not wanted or the app is not in it."""
        one, name = str(told.get("id", "")), str(told.get("name") or "")
        direct = bool(told.get("is_im") or told.get("is_mpim"))
        public = not direct and not told.get("is_private")
        if not one:
            raise SourceError("Slack tells a channel without an id", "check the address of the API")
        if direct:
            wanted = self._config.direct
        else:
            self._names[one] = name
            wanted = bool(told.get("is_member")) and (public or self._config.private) and self._is_wanted(name)
        return Channel(one, "" if direct else name, public, direct, str(told.get("user") or "")) if wanted else None

    def _is_wanted(self, name: str) -> bool:
        include, exclude = self._config.channels, self._config.exclude
        inside = not include or any(fnmatchcase(name, glob.removeprefix("#")) for glob in include)
        return inside and not any(fnmatchcase(name, glob.removeprefix("#")) for glob in exclude)

    def _thread_mark(self, channel: Channel, parent: Object, now: float) -> str:
        """Return what changes with a thread: for one with late replies, what they say too, for they may be edited."""
        latest = str(parent.get("latest_reply") or parent["ts"])
        mark = [_said(parent), str(parent["reply_count"]), latest]
        if now - float(latest) < self._config.edit_days * DAY:
            mark += map(_said, self.thread(channel, str(parent["ts"])))
        return digest(*mark)

    def _files(self, channel: Channel, oldest: float) -> Iterator[tuple[str, str, float]]:
        for file in self._api.files(channel.id, f"{max(oldest, self._since):.0f}"):
            if _is_there(file):
                said = float(file.get("timestamp") or file.get("created") or 0)
                mark = digest(str(file["id"]), str(file.get("size")), str(file.get("updated") or said))
                yield self.file_key(channel, file), mark, said

    def _users(self) -> dict[str, Object]:
        with self._lock:
            until, people = self._people
            if time.monotonic() >= until:
                people = {str(one["id"]): one for one in self._api.pages("users.list", "members", {"limit": "200"})}
                self._people = (time.monotonic() + _KEPT_SECONDS, people)
            return people


def _said(message: Object) -> str:
    edited = message.get("edited") or {}
    return f"{message['ts']} {edited.get('ts', '')} {message.get('text', '')} {len(message.get('files') or ())}"


def _ts(message: Object) -> float:
    try:
        return float(message["ts"])
    except (KeyError, ValueError, TypeError) as error:
        raise SourceError("Slack tells a message without its time", "check the address of the API") from error


def _called(user: Object) -> str:
    profile = user.get("profile") or {}
    return str(
        profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name") or ""
    )


def _is_there(file: Object) -> bool:
    return bool(file.get("id")) and not file.get("is_external") and file.get("mode") not in _NOT_THERE
