"""Every plugin that goes out, made to ask a server at a given address."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from assistant.registry import PluginRegistry, load_plugin
from assistant.types import LOCAL_OPERATOR

Ask = Callable[[str, int, tuple[str, ...]], None]  # host as it is written in an address, port, private_hosts

# Whose code of others' opens connections by its own means: an admin chooses the class, and its documentation says so.
UNGUARDED = {"langchain", "llamaindex"}


def _kind(name: str) -> PluginRegistry:
    registry = PluginRegistry()
    load_plugin(registry, name, "1.0", f"plugins.{name}", "register")
    return registry


def _listing(kind: str, values: Callable[[str, int], Mapping[str, Any]], *, guarded: bool = True) -> Ask:
    def ask(host: str, port: int, private: tuple[str, ...]) -> None:
        more = {"private_hosts": private} if guarded else {}
        list(_kind(kind).make_source(kind, {**values(host, port), **more}).changes(None))

    return ask


def _tool(
    kind: str,
    values: Callable[[str, int], Mapping[str, Any]],
    arguments: Mapping[str, Any],
    *,
    guarded: bool = True,
) -> Ask:
    def ask(host: str, port: int, private: tuple[str, ...]) -> None:
        more = {"private_hosts": private} if guarded else {}
        for tool in _kind(kind).tool_kind(kind).make("t", {**values(host, port), **more}):
            tool.run(arguments, LOCAL_OPERATOR)

    return ask


def _url(host: str, port: int) -> str:
    return f"http://{host}:{port}"


def _drive(host: str, port: int) -> dict[str, Any]:
    key = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
    return {"api": _url(host, port), "credentials": json.dumps({**key, "token_uri": f"{_url(host, port)}/token"})}


def _graph(host: str, port: int) -> dict[str, Any]:
    signing_in = {"tenant": "t.example", "client_id": "i", "client_secret": "s", "user": "ann@t.example"}
    return {**signing_in, "api": _url(host, port), "login": _url(host, port)}


def _described(host: str, port: int) -> dict[str, Any]:
    return {"description": f"{_url(host, port)}/openapi.json", "operations": ["a"]}


# Those whose admin says beside the address which hosts may lie in a private network.
GUARDED: dict[str, Ask] = {
    "confluence": _listing("confluence", lambda h, p: {"url": _url(h, p), "token": "t", "edition": "datacenter"}),
    "feed": _listing("feed", lambda h, p: {"feeds": [f"{_url(h, p)}/feed.xml"]}),
    "github": _listing("github", lambda h, p: {"url": _url(h, p), "token": "t", "repositories": ["a/b"]}),
    "gitlab": _listing("gitlab", lambda h, p: {"url": _url(h, p), "token": "t", "projects": ["a/b"]}),
    "google_drive": _listing("google_drive", _drive),
    "http_api": _tool("http_api", _described, {}),
    "jira": _listing("jira", lambda h, p: {"url": _url(h, p), "token": "t", "edition": "datacenter"}),
    "mcp": _tool("mcp", lambda h, p: {"url": f"{_url(h, p)}/mcp"}, {}),
    "sharepoint": _listing("sharepoint", _graph),
    "slack": _listing("slack", lambda h, p: {"api": _url(h, p), "token": "xoxb-1"}),
    "ticket": _tool("ticket", lambda h, p: {"url": f"{_url(h, p)}/new"}, {"title": "a", "text": "b"}),
    "web": _listing("web", lambda h, p: {"start": [f"{_url(h, p)}/"], "delay_seconds": 0}),
    "webdav": _listing("webdav", lambda h, p: {"url": f"{_url(h, p)}/", "username": "a", "password": "b"}),
}
# Those that ask the one server that their admin names, in a private network too, but no address that is no server's.
NAMED: dict[str, Ask] = {
    "database": _tool(
        "database", lambda h, p: {"url": f"postgresql+pg8000://a@{h}:{p}/d", "tables": ["t"]}, {}, guarded=False
    ),
    "git": _listing("git", lambda h, p: {"url": f"{_url(h, p)}/a.git"}, guarded=False),
    "imap": _listing(
        "imap",
        lambda h, p: {"host": h.strip("[]"), "port": p, "username": "a", "password": "b", "security": "none"},
        guarded=False,
    ),
    "s3": _listing(
        "s3",
        lambda h, p: {"bucket": "docs", "endpoint": _url(h, p), "access_key": "a", "secret_key": "b"},
        guarded=False,
    ),
    "sql": _listing(
        "sql",
        lambda h, p: {"url": f"postgresql+pg8000://a@{h}:{p}/d", "query": "SELECT 1 AS id", "key": "id"},
        guarded=False,
    ),
}
EVERY = GUARDED | NAMED
