"""Writes a request from a tool's arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from assistant.errors import ToolError
from plugins.http_api.description import Operation
from plugins.http_api.schema import Argument

_BETWEEN = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, but for what signs in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def written(server: str, operation: Operation, arguments: Mapping[str, Any], places: Sequence[Argument]) -> Request:
    """Return the request.

    Args:
        server: the address that the operation's path is added to.
        operation: which.
        arguments: JSON values that were checked against the tool's schema.
        places: where they go.

    Raises:
        ToolError: a value cannot be sent where it has to go.
    """
    path, query, cookies, body = operation.path, [], [], b""
    headers = {"Accept": "application/json, text/plain;q=0.9, */*;q=0.5"}
    for place in places:
        if place.argument not in arguments:
            continue
        value = arguments[place.argument]
        match place.where:
            case "path":
                path = path.replace(f"{{{place.name}}}", _segment(place, value))
            case "query":
                query += _pairs(place, value)
            case "cookie":
                cookies += _pairs(place, value)
            case "header":
                headers[place.name] = _line(place, value)
            case "json":
                body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
                headers["Content-Type"] = place.media_type
            case "form":
                body = _joined(_fields(value)).encode("ascii")
                headers["Content-Type"] = place.media_type
    if missing := re.findall(r"\{([^{}]*)\}", path):
        raise ToolError(f"{operation.place}: {missing[0]} is not given", "tell an admin: the description lacks it")
    if cookies:
        headers["Cookie"] = "; ".join(f"{_quoted(name)}={_quoted(value)}" for name, value in cookies)
    url = server.rstrip("/") + "/" + path.lstrip("/")
    return Request(operation.method, f"{url}?{_joined(query)}" if query else url, headers, body)


def _segment(place: Argument, value: Any) -> str:
    """Return a value as a part of the path, that stays one part and leads nowhere else."""
    text = _plain(place, value, ",")
    if not text or {".", ".."} & set(re.split(r"[/\\]", text)):
        raise ToolError(f"{place.argument}: {text!r} cannot stand in an address", "give another value")
    return _quoted(text)


def _line(place: Argument, value: Any) -> str:
    text = _plain(place, value, ",")
    if not text.isprintable() or not text.isascii():
        raise ToolError(f"{place.argument} has characters that cannot be sent in a header", "write it in ASCII")
    return text


def _plain(place: Argument, value: Any, between: str) -> str:
    """Return a value as OpenAPI's style `simple` has it."""
    if place.as_json:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        pairs = [(str(name), _text(one)) for name, one in value.items()]
        return between.join(f"{name}={one}" if place.explode else f"{name}{between}{one}" for name, one in pairs)
    if isinstance(value, list):
        return between.join(_text(one) for one in value)
    return _text(value)


def _pairs(place: Argument, value: Any) -> list[tuple[str, str]]:
    """Return a value as pairs of a query."""
    if place.as_json:
        return [(place.name, json.dumps(value, ensure_ascii=False))]
    between = _BETWEEN.get(place.style, ",")
    if isinstance(value, Mapping):
        if place.style == "deepObject":
            return [(f"{place.name}[{name}]", _text(one)) for name, one in value.items()]
        if place.explode:
            return [(str(name), _text(one)) for name, one in value.items()]
        return [(place.name, between.join(f"{name}{between}{_text(one)}" for name, one in value.items()))]
    if isinstance(value, list):
        texts = [_text(one) for one in value]
        return [(place.name, text) for text in (texts if place.explode else [between.join(texts)])]
    return [(place.name, _text(value))]


def _fields(value: Any) -> list[tuple[str, str]]:
    if not isinstance(value, Mapping):
        raise ToolError("body is no object, and a form is sent", "give an object of its fields")
    fields: list[tuple[str, str]] = []
    for name, one in value.items():
        fields += [(str(name), _text(part)) for part in one] if isinstance(one, list) else [(str(name), _text(one))]
    return fields


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Mapping() | list():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _joined(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
