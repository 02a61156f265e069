"""A Slack workspace with its Web API: people post, reply, edit, delete, upload, join and leave."""

from __future__ import annotations

import base64
import itertools
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from plugins.cloud.serving import Answer, Asked, Mood, as_json

TOKEN = "xoxb-hush-hush-hush"  # noqa: S105 (of this test's own server)
SCOPES = (
    "channels:read groups:read im:read mpim:read channels:history groups:history im:history mpim:history "
    "users:read users:read.email files:read"
)
_NEEDS = {"users.list": "users:read", "files.list": "files:read", "files.info": "files:read"}


@dataclass
class Slack:
    """One workspace; `page` is how many entries an answer has at most."""

    page: int = 50
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    messages: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)  # by channel and time, replies too
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    scopes: set[str] = field(default_factory=lambda: set(SCOPES.split()))
    hidden: set[str] = field(default_factory=set)  # files that are not handed out
    error: str = ""  # answers to everything
    mood: Mood = field(default_factory=Mood)
    url: str = ""
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def person(self, name: str, **more: Any) -> str:
        """Add a person and return the id."""
        one = f"U{next(self.numbers):04}"
        profile = {"display_name": name, "real_name": f"{name} Smith", "email": f"{name.lower()}@example.org"}
        self.users[one] = {
            "id": one,
            "name": name.lower(),
            "deleted": False,
            "is_bot": False,
            "profile": profile,
            **more,
        }
        return one

    def channel(self, name: str, *members: str, **more: Any) -> str:
        """Add a channel that the app is a member of, and return the id."""
        one = f"C{next(self.numbers):04}"
        kind = {"is_channel": True, "is_private": False, "is_im": False, "is_mpim": False, "is_archived": False}
        self.channels[one] = {"id": one, "name": name, "is_member": True, **kind, **more}
        self.members[one], self.messages[one] = list(members), {}
        return one

    def direct(self, *members: str) -> str:
        """Add messages between people, and return the id."""
        one = self.channel("", *members, is_im=True, is_channel=False, user=members[0])
        del self.channels[one]["name"], self.channels[one]["is_member"]
        return one

    def post(self, channel: str, user: str, text: str, at: float, *, thread: str = "", **more: Any) -> str:
        """Say something at a time, as a reply in a thread or not, and return its time."""
        ts = f"{at:.0f}.{next(self.numbers):06}"
        reply = {"thread_ts": thread, "parent_user_id": user} if thread else {}
        self.messages[channel][ts] = {"type": "message", "user": user, "text": text, "ts": ts, **reply, **more}
        return ts

    def edit(self, channel: str, ts: str, text: str) -> None:
        """Change what was said."""
        message = self.messages[channel][ts]
        message |= {"text": text, "edited": {"user": message["user"], "ts": f"{next(self.numbers)}.000000"}}

    def delete(self, channel: str, ts: str) -> None:
        """Take back what was said; where it has replies, a tombstone stays."""
        if self._replies(channel, ts):
            stone = {
                "type": "message",
                "subtype": "tombstone",
                "user": "USLACKBOT",
                "text": "This message was deleted.",
            }
            self.messages[channel][ts] = {**stone, "ts": ts, "thread_ts": ts, "hidden": True}
        else:
            del self.messages[channel][ts]

    def upload(self, channel: str, name: str, data: bytes, at: float, **more: Any) -> str:
        """Post a file and return its id."""
        one = f"F{next(self.numbers):04}"
        where = {"channels": [channel], "groups": [], "ims": []}
        address = f"{self.url}/files-pri/{one}/{quote(name)}"
        told = {
            "id": one,
            "name": name,
            "title": name,
            "mimetype": "application/pdf",
            "size": len(data),
            "mode": "hosted",
        }
        told |= {"timestamp": int(at), "created": int(at), "is_external": False, "url_private": address, **where}
        self.files[one] = {**told, "permalink": f"https://acme.slack.com/files/{one}", **more}
        self.contents[one] = data
        return one

    def rewrite(self, one: str, data: bytes) -> None:
        """Give a file another content, as people do with a snippet."""
        self.contents[one] = data
        self.files[one] |= {"size": len(data), "updated": next(self.numbers)}

    def answer(self, asked: Asked) -> Answer:
        """See `Scripted`."""
        known = asked.headers.get("authorization") == f"Bearer {TOKEN}"
        if asked.path.startswith("/files-pri/"):
            one = asked.path.split("/")[2]
            if not known or "files:read" not in self.scopes or one in self.hidden:
                return 200, {"Content-Type": "text/html; charset=utf-8"}, b"<html>Sign in to Slack</html>"
            return 200, {"Content-Type": self.files[one]["mimetype"]}, self.contents[one]
        method, query = asked.path.strip("/"), asked.query
        if not known or self.error:
            return as_json({"ok": False, "error": self.error or "invalid_auth"})
        needed = _NEEDS.get(method, "")
        if needed and needed not in self.scopes:
            return as_json({"ok": False, "error": "missing_scope", "needed": needed, "provided": "identify"})
        if query.get("channel") and query["channel"] not in self.channels:
            return as_json({"ok": False, "error": "channel_not_found"})
        answers = {
            "auth.test": lambda: as_json({"ok": True, "url": "https://acme.slack.com/", "team": "Acme", "user": "bot"}),
            "users.list": lambda: self._page("members", list(self.users.values()), query),
            "conversations.list": lambda: self._list(query),
            "conversations.info": lambda: as_json({"ok": True, "channel": self.channels[query["channel"]]}),
            "conversations.members": lambda: self._page("members", self.members[query["channel"]], query),
            "conversations.history": lambda: self._history(query),
            "conversations.replies": lambda: self._thread(query),
            "files.list": lambda: self._files(query),
            "files.info": lambda: self._file(query["file"]),
        }
        return answers[method]() if method in answers else as_json({"ok": False, "error": "unknown_method"})

    def _list(self, query: dict[str, str]) -> Answer:
        kinds = set(query["types"].split(","))
        return self._page("channels", [one for one in self.channels.values() if _kind(one) in kinds], query)

    def _replies(self, channel: str, ts: str) -> list[dict[str, Any]]:
        return [one for one in self.messages[channel].values() if one.get("thread_ts") == ts and one["ts"] != ts]

    def _shown(self, channel: str, message: dict[str, Any]) -> dict[str, Any]:
        replies = self._replies(channel, message["ts"])
        if not replies:
            return message
        latest = max(one["ts"] for one in replies)
        return {**message, "thread_ts": message["ts"], "reply_count": len(replies), "latest_reply": latest}

    def _history(self, query: dict[str, str]) -> Answer:
        channel = query["channel"]
        low, high = float(query.get("oldest", 0)), float(query.get("latest", "inf"))
        found = [
            self._shown(channel, one)
            for ts, one in sorted(self.messages[channel].items(), reverse=True)
            if low <= float(ts) <= high and (one.get("thread_ts", ts) == ts or one.get("subtype") == "thread_broadcast")
        ]
        return self._page("messages", found, query, has_more=True)

    def _thread(self, query: dict[str, str]) -> Answer:
        channel, ts = query["channel"], query["ts"]
        if ts not in self.messages[channel]:
            return as_json({"ok": False, "error": "thread_not_found"})
        found = [self._shown(channel, self.messages[channel][ts]), *self._replies(channel, ts)]
        return self._page("messages", sorted(found, key=lambda one: str(one["ts"])), query, has_more=True)

    def _files(self, query: dict[str, str]) -> Answer:
        found = [
            one
            for one in self.files.values()
            if query["channel"] in one["channels"] and one["timestamp"] >= float(query.get("ts_from", 0))
        ]
        page, count = int(query["page"]), min(int(query["count"]), self.page)
        pages = -(-len(found) // count)
        part = found[(page - 1) * count : page * count]
        return as_json({"ok": True, "files": part, "paging": {"count": count, "page": page, "pages": pages}})

    def _file(self, one: str) -> Answer:
        if one not in self.files:
            return as_json({"ok": False, "error": "file_not_found"})
        return as_json({"ok": True, "file": self.files[one]})

    def _page(self, name: str, found: list[Any], query: dict[str, str], *, has_more: bool = False) -> Answer:
        start = int(base64.b64decode(query["cursor"])) if "cursor" in query else 0
        after = start + min(int(query["limit"]), self.page)
        more = after < len(found)
        cursor = base64.b64encode(str(after).encode()).decode() if more else ""
        told = {"ok": True, name: found[start:after], "response_metadata": {"next_cursor": cursor}}
        return as_json({**told, **({"has_more": more} if has_more else {})})


def _kind(channel: dict[str, Any]) -> str:
    if channel["is_im"] or channel["is_mpim"]:
        return "im" if channel["is_im"] else "mpim"
    return "private_channel" if channel["is_private"] else "public_channel"


def ratelimited() -> Answer:
    """Return an answer that asks for patience."""
    return as_json({"ok": False, "error": "ratelimited"}, 429, {"Retry-After": "0"})
