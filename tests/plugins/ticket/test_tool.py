"""Tickets: what a real HTTP server gets, once, and what is refused."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from assistant.errors import ToolError
from assistant.plugin_kit import run_checks, target_of
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import ToolResult, User
from plugins.ticket import TicketConfig, TicketTool

ANN = User("ann", frozenset({"sales"}))
TICKET = {"title": "Printer", "text": "It burns."}


class Desk:
    """A ticket system: keeps what it got, and answers with `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, Any], str | None]] = []
        self.status = 201
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                desk.got.append((json.loads(body), self.headers["Authorization"]))
                self.send_response(desk.status)
                self.end_headers()
                self.wfile.write(b'{"id": 7}')

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/tickets"


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    thread = threading.Thread(target=desk.server.serve_forever)
    thread.start()
    yield desk
    desk.server.shutdown()
    thread.join()
    desk.server.server_close()


def run(desk: Desk, user: User = ANN, hosts: tuple[str, ...] = ("127.0.0.1",), **arguments: Any) -> ToolResult:
    config = TicketConfig(url=desk.url, token="t0k", fields={"project": "IT"}, private_hosts=hosts)
    return TicketTool("ticket", config).run(TICKET | arguments, user)


def test_a_ticket_is_sent_once(desk: Desk) -> None:
    assert run(desk).text == 'The ticket was created: {"id": 7}'
    assert desk.got == [({**TICKET, "reporter": "ann", "project": "IT"}, "Bearer t0k")]


@pytest.mark.parametrize("status", [302, 400, 503])
def test_a_refusal_is_told_and_not_tried_again(desk: Desk, status: int) -> None:
    desk.status = status
    with pytest.raises(ToolError, match=f"no ticket was created: the system answers {status}"):
        run(desk)
    assert len(desk.got) == 1


def test_nothing_is_sent_where_it_may_not(desk: Desk) -> None:
    with pytest.raises(ToolError, match="private network"):
        run(desk, hosts=())
    with pytest.raises(ToolError, match="title is no text"):
        run(desk, title="")
    with pytest.raises(ToolError, match="no argument 'reporter'"):
        run(desk, reporter="bob")
    assert desk.got == []


def test_it_passes_the_conformance_kit(desk: Desk) -> None:
    registry = PluginRegistry()
    module = load_plugin(registry, "ticket", "1.0", "plugins.ticket", "register")
    values = {"url": desk.url, "private_hosts": ["127.0.0.1"]}
    for tool in registry.tool_kind("ticket").make("ticket", values):
        registry.add_tool(tool)
    outcomes = list(
        run_checks(replace(target_of("ticket", module, registry), examples={"ticket": TICKET}), seconds=120)
    )
    assert [(one.check, one.detail) for one in outcomes if one.state == "failed"] == []
    assert registry.tool("ticket").writes
