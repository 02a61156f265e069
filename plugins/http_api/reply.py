"""Says to a model what a server answered, in little room and in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from assistant.errors import ToolError
from assistant.types import ToolResult
from plugins.net import Reply

_MOST = 20_000  # characters of an answer
_SHOWN = 1_000  # of what comes with an error
_STEPS = ((100, 4_000), (50, 2_000), (20, 1_000), (10, 400), (5, 200), (3, 100), (1, 60))  # items, characters


def told(place: str, reply: Reply, text: str) -> ToolResult:
    """Return an answer that says that it worked.

    Args:
        place: METHOD /path.
        reply: of the server.
        text: its body, without secrets.
    """
    data: dict[str, Any] = {"status": reply.status}
    if not reply.body:
        return ToolResult(f"{place}: done, the server answers {reply.status} and says no more.", data)
    if _is_json(reply.media_type) or text.lstrip()[:1] in {"{", "["}:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return ToolResult(_cut(text, _MOST), data)
        shown, body = _shortened(value)
        return ToolResult(shown, data | {"body": body})
    if reply.media_type.startswith("text/") or reply.media_type in {"", "application/xml"} or _is_xml(reply.media_type):
        return ToolResult(_cut(text, _MOST), data)
    return ToolResult(f"[{reply.media_type}, {len(reply.body):,} bytes: not shown]", data)


def failure(place: str, reply: Reply, text: str, *, writes: bool) -> ToolError:
    """Return the error that tells the model what the status means, and what to do about it."""
    said = " ".join(_cut(text, _SHOWN).split())
    with_text = f": {said}" if said else ""
    unknown = "; look whether it was done before you try again" if writes else ""
    match reply.status:
        case 400 | 406 | 413 | 415 | 422:
            why, hint = f"does not take these arguments ({reply.status}){with_text}", "correct the arguments"
        case 401 | 407:
            why, hint = f"does not take the sign-in ({reply.status}){with_text}", "tell the user to ask an admin"
        case 403:
            why, hint = f"does not allow this (403){with_text}", "do without, or tell the user"
        case 404 | 410:
            why, hint = f"has no such thing ({reply.status}){with_text}", "check the names and ids in the arguments"
        case 409 | 412:
            why, hint = f"says that it is not as expected any more ({reply.status}){with_text}", "read it again first"
        case 429:
            wait = reply.headers.get("retry-after", "")[:40]
            why, hint = f"is asked too often (429){with_text}", f"wait{f' {wait} s' if wait.isdigit() else ''}"
        case status if 300 <= status < 400:
            where = reply.headers.get("location", "")[:200]
            why = f"sends the call elsewhere ({status}{f', {where}' if where else ''}), which is not followed"
            hint = f"tell the user to ask an admin{unknown}"
        case status if status >= 500:
            why, hint = f"fails ({status}){with_text}", f"try again later{unknown}"
        case status:
            why, hint = f"answers with status {status}{with_text}", "tell the user"
    return ToolError(f"{place}: the server {why}", hint)


def _shortened(value: Any) -> tuple[str, Any]:
    """Return JSON as a text that says where it was shortened, and the value that it shows."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _MOST:
        return text, value
    size = len(text)
    for items, characters in _STEPS:
        short = _short(value, items, characters)
        text = json.dumps(short, ensure_ascii=False)
        if len(text) <= _MOST:
            note = f"{items} items of a list and {characters:,} characters of a text at most"
            return f"{text}\n(Shortened from {size:,} characters: {note}. Ask for less to see the rest.)", short
    return _cut(json.dumps(value, ensure_ascii=False), _MOST), None


def _short(value: Any, items: int, characters: int) -> Any:
    match value:
        case str() if len(value) > characters:
            return f"{value[:characters]}… ({len(value) - characters:,} more characters)"
        case list():
            kept = [_short(one, items, characters) for one in value[:items]]
            return [*kept, f"… ({len(value) - items:,} more items)"] if len(value) > items else kept
        case Mapping():
            return {name: _short(one, items, characters) for name, one in value.items()}
    return value


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}\n(Cut here: {len(text) - most:,} more characters.)"


def _is_json(media_type: str) -> bool:
    return media_type.endswith(("/json", "+json"))


def _is_xml(media_type: str) -> bool:
    return media_type.endswith(("/xml", "+xml"))
