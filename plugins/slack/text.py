"""Makes pages of messages: who said what and when, with names in place of Slack's ids."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

Message = Mapping[str, Any]

# what Slack itself says of a channel
_NOT_SAID = re.compile(r"^(channel_|group_|bot_(add|remove)|tombstone|pinned_item|unpinned_item|reminder_add|sh_room)")
_MARK = re.compile(r"<([^<>\n]*)>")
_CODE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_STYLES = tuple(
    (re.compile(rf"(?<![\w{sign}]){sign}(?=\S)([^{sign}\n]+)(?<=\S){sign}(?![\w{sign}])"), rf"<{tag}>\1</{tag}>")
    for sign, tag in ((r"\*", "b"), ("_", "i"), ("~", "s"))
)
_TITLE = 80  # characters


def is_said(message: Message) -> bool:
    """Whether somebody said it, and Slack did not only tell of something."""
    return not _NOT_SAID.match(str(message.get("subtype", ""))) and bool(_raw(message) or message.get("files"))


def page(title: str, messages: Iterable[Message], names: Mapping[str, str], link: str) -> bytes:
    """Return messages as HTML.

    Args:
        title: of the page, plain.
        messages: in order.
        names: of people and channels, by their ids.
        link: begins the address of a message, which ends in its time without the point.
    """
    said = [
        f'<p><a href="{html.escape(link)}{str(one["ts"]).replace(".", "")}">'
        f"<b>{html.escape(speaker(one, names))}, {moment(str(one['ts']))}</b></a></p>\n{_paragraphs(one, names)}"
        for one in messages
        if is_said(one)
    ]
    heading = html.escape(title)
    text = f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{heading}</title></head><body><h1>{heading}</h1>\n"
    return f"{text}{chr(10).join(said)}</body></html>".encode("utf-8", "replace")


def speaker(message: Message, names: Mapping[str, str]) -> str:
    """Return who said it."""
    user = str(message.get("user") or "")
    profile = message.get("bot_profile") or {}
    return names.get(user) or str(message.get("username") or profile.get("name") or user or "somebody")


def moment(ts: str) -> str:
    """Return when it was said, in UTC."""
    return f"{dt.datetime.fromtimestamp(float(ts), dt.UTC):%Y-%m-%d %H:%M} UTC"


def first_words(message: Message, names: Mapping[str, str]) -> str:
    """Return how a message begins, on one line, without markup."""
    text = html.unescape(_MARK.sub(lambda mark: _plain(mark[1], names), _raw(message)))
    words = " ".join(text.replace("```", " ").split())
    return words if len(words) <= _TITLE else f"{words[: _TITLE - 1].rstrip()}…"


def _raw(message: Message) -> str:
    """Return the text, as Slack writes it: &, < and > are escaped, other things stand in <>."""
    if message.get("text"):
        return str(message["text"])
    parts = [one for one in message.get("attachments", ()) if isinstance(one, Mapping)]  # what programs post
    told: list[str] = []
    for part in parts:
        own = [str(part[name]) for name in ("title", "text") if part.get(name)]
        told += own or [str(part.get("fallback") or "")]
    return "\n".join(filter(None, told))


def _paragraphs(message: Message, names: Mapping[str, str]) -> str:
    parts: list[str] = []
    for at, part in enumerate(_CODE.split(_raw(message))):
        if at % 2:
            parts.append(f"<pre>{_escaped(_MARK.sub(lambda mark: _plain(mark[1], names), part))}</pre>")
        else:
            lines = _linked(part, names).strip("\n")
            parts += [f"<p>{lines.replace(chr(10), '<br>')}</p>"] if lines.strip() else []
    for file in message.get("files", ()):
        name = str(file.get("title") or file.get("name") or "") if isinstance(file, Mapping) else ""
        parts += [f"<p>[{html.escape(name)}]</p>"] if name else []
    return "\n".join(parts)


def _linked(text: str, names: Mapping[str, str]) -> str:
    parts = _MARK.split(text)
    for at in range(len(parts)):
        if at % 2 == 0:
            parts[at] = _styled(parts[at])
        elif parts[at].startswith(("http://", "https://", "mailto:")):
            address, _, label = parts[at].partition("|")
            shown = _escaped(label or address.removeprefix("mailto:"))
            parts[at] = f'<a href="{_escaped(address)}">{shown}</a>'
        else:
            parts[at] = _escaped(_plain(parts[at], names))
    return "".join(parts)


def _styled(text: str) -> str:
    """Return text with what Slack writes as *bold*, _italic_, ~struck~ and `code`."""
    parts = _INLINE.split(text)
    for at in range(len(parts)):
        parts[at] = _escaped(parts[at])
        if at % 2:
            parts[at] = f"<code>{parts[at]}</code>"
        else:
            for pattern, style in _STYLES:
                parts[at] = pattern.sub(style, parts[at])
    return "".join(parts)


def _escaped(text: str) -> str:
    """Escape what is not yet: programs post text that Slack did not write."""
    return html.escape(html.unescape(text))


def _plain(mark: str, names: Mapping[str, str]) -> str:
    """Return in words what Slack put into <>: a person, a channel, a group, a date, a link."""
    what, _, label = mark.partition("|")
    match what[:1]:
        case "@":
            return f"@{names.get(what[1:]) or label or what[1:]}"
        case "#":
            return f"#{names.get(what[1:]) or label or what[1:]}"
        case "!":
            return label or f"@{what[1:].partition('^')[0]}"
    return label or what.removeprefix("mailto:")
