"""The server for people with tokens: a process, spoken to over HTTP by the real client of the `mcp` package."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from assistant import build, load_settings
from assistant.access import PeopleDesk
from assistant.types import LOCAL_OPERATOR
from tests.fakes.handbook import TEXTS
from tests.mcp_server.test_server import COMMAND, _error, _keys, _value

SALARY = {"source": "docs", "key": "hr/salary.md"}
VPN = {"source": "docs", "key": "vpn.txt"}
PAY = {"query": "What is grade K7 paid a month?"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@dataclass(frozen=True)
class Served:
    """A server that runs: where, on which home, and where its log goes."""

    url: str
    home: Path
    log: Path

    @contextmanager
    def people(self) -> Iterator[PeopleDesk]:
        """Look after its people, from another process than its own."""
        with build(load_settings(home=self.home)) as app:
            yield app.people

    def person(self, person: str, *groups: str, **options: Any) -> tuple[str, str]:
        """Add a person with a token. Returns the token and its id."""
        with self.people() as people:
            people.add(person, "", groups, "employee", LOCAL_OPERATOR)
            token, record = people.add_token(person, LOCAL_OPERATOR, **options)
        return token, record.id

    @asynccontextmanager
    async def client(self, token: str, mode: str = "auto") -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": _own_address(token)}
        async with (
            create_mcp_http_client(headers=headers) as http,
            Client(streamable_http_client(self.url, http_client=http), read_timeout_seconds=120, mode=mode) as client,
        ):
            yield client

    def post(self, token: str | None = None, **headers: str) -> httpx.Response:
        """Send what asks for nothing."""
        signed = {} if token is None else {"Authorization": f"Bearer {token}", "X-Forwarded-For": _own_address(token)}
        accepted = {"Accept": "application/json, text/event-stream"}
        return httpx.post(self.url, json=PING, headers=accepted | signed | headers, timeout=60)


def _own_address(token: str) -> str:
    """Return where a proxy says that a request comes from: wrong tokens are counted by address, here by test."""
    first, second = hashlib.sha256(token.encode()).digest()[:2]
    return f"10.0.{first}.{second}"


@pytest.fixture(scope="module")
def served(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("served") / "log"
    command = [sys.executable, *COMMAND, "--port", "0", "--allow-host", "mcp.corp.example"]
    environment = {**os.environ, "ASSISTANT_HOME": str(filled_home)}
    with log.open("w") as errors, subprocess.Popen(command, env=environment, stderr=errors) as process:
        try:
            end = time.monotonic() + 300
            while "/mcp" not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < end, "it did not start"
                time.sleep(0.05)
            yield Served(log.read_text().split("MCP server: ")[1].split()[0], filled_home, log)
        finally:
            process.terminate()


def test_a_connection_outlasts_the_time_for_which_a_client_keeps_it(served: Served) -> None:
    address = urlsplit(served.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=120)
    with closing(connection):
        connection.request("GET", "/nothing")
        assert connection.getresponse().read()
        connection.sock.settimeout(5.5)  # httpx keeps it for 5 seconds
        with pytest.raises(TimeoutError):
            connection.sock.recv(1)


def test_each_person_sees_what_the_groups_of_the_moment_allow(served: Served) -> None:
    hr, _ = served.person("hanna", "hr")
    it, _ = served.person("ian", "it")

    async def talk() -> None:
        async with served.client(hr) as hanna, served.client(it, "legacy") as ian:  # with and without a handshake
            assert _keys(_value(await hanna.call_tool("search", PAY)))[0] == "hr/salary.md"
            assert "hr/salary.md" not in _keys(_value(await ian.call_tool("search", PAY)))
            mine, theirs = await asyncio.gather(hanna.call_tool("read", SALARY), ian.call_tool("read", SALARY))
            assert _value(mine)["text"] == TEXTS["hr/salary.md"]
            assert "there is no document 'hr/salary.md'" in _error(theirs)
            assert _value(await ian.call_tool("read", VPN))["text"] == TEXTS["vpn.txt"]  # everybody may

            with served.people() as people:
                people.regroup("hanna", LOCAL_OPERATOR, remove=["hr"])
                people.regroup("ian", LOCAL_OPERATOR, add=["hr"])
            assert "there is no document" in _error(await hanna.call_tool("read", SALARY))
            assert _value(await ian.call_tool("read", SALARY))["text"] == TEXTS["hr/salary.md"]

    asyncio.run(talk())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("how", ["revoked", "disabled"])
def test_what_is_taken_away_holds_in_the_middle_of_a_session(served: Served, how: str, mode: str) -> None:
    person = f"out-{how}-{mode}"
    token, token_id = served.person(person)

    async def talk() -> None:
        async with served.client(token, mode) as client:
            assert _value(await client.call_tool("read", VPN))["text"] == TEXTS["vpn.txt"]
            with served.people() as people:
                if how == "revoked":
                    people.revoke(token_id, LOCAL_OPERATOR)
                else:
                    people.disable(person, LOCAL_OPERATOR, disabled=True)
            with pytest.raises(Exception, match=r"401|Unauthorized|Server returned an error"):
                await client.call_tool("read", VPN)

    asyncio.run(talk())
    refused = served.post(token)
    assert (refused.status_code, how in refused.json()["error_description"]) == (401, True)
    if how == "disabled":
        with served.people() as people:
            people.disable(person, LOCAL_OPERATOR, disabled=False)
        assert served.post(token).status_code == 200


def test_a_token_is_good_for_its_scopes_only(served: Served) -> None:
    token, _ = served.person("rita", scopes=["read"])
    asking, _ = served.person("otto", scopes=["ask"])

    async def talk() -> None:
        async with served.client(token) as client:
            assert _value(await client.call_tool("read", VPN))["text"] == TEXTS["vpn.txt"]
            asked = await client.call_tool("ask", {"question": "When do VPN certificates expire?"})
            assert "this token is not for 'ask', only for: read" in _error(asked)
        async with served.client(asking) as client:
            for tool, arguments in (("read", VPN), ("search", PAY)):
                assert "this token is not for 'read', only for: ask" in _error(await client.call_tool(tool, arguments))

    asyncio.run(talk())


def test_without_a_good_token_nothing_is_answered_and_none_is_ever_logged(served: Served) -> None:
    good, _ = served.person("gina")
    late = f"ast_{'e' * 43}"
    with build(load_settings(home=served.home)) as app:
        digest = hashlib.sha256(late.encode()).hexdigest()
        app.catalog.people.add_token("gina", "", ["read"], digest, time.time() - 1)
    wrong = f"ast_{'w' * 43}"
    for token, told in {None: "send a token", late: "has expired", wrong: "is unknown", "x y": "is unknown"}.items():
        refused = served.post(token)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith('Bearer realm="assistant"')
        assert told in refused.json()["error_description"]
    basic = httpx.post(served.url, json=PING, headers={"Authorization": "Basic Z2luYTp4"}, timeout=60)
    assert (basic.status_code, "Bearer TOKEN" in basic.text) == (401, True)
    assert httpx.get(served.url.replace("/mcp", "/other"), timeout=60).status_code == 401

    accepted = served.post(good)
    assert (accepted.status_code, "mcp-session-id" in accepted.headers) == (200, False)  # nothing to take over
    assert served.post(good, Host="mcp.corp.example").status_code == 200
    assert served.post(good, Origin="https://mcp.corp.example").status_code == 200
    assert served.post(good, Host="evil.example").status_code == 421
    assert served.post(good, Origin="https://evil.example").status_code == 403

    proxy = {"X-Forwarded-For": "10.9.9.9"}
    assert [served.post(wrong, **proxy).status_code for _ in range(11)] == [401] * 10 + [429]
    assert int(served.post(wrong, **proxy).headers["retry-after"]) > 0
    assert served.post(good, **proxy).status_code == 200  # people behind the same proxy go on
    log = served.log.read_text()
    assert "the token is unknown" in log
    assert "ast_" not in log
