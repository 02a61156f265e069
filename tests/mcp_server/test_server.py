"""The server as a desktop program starts it: a process, spoken to by the real client of the `mcp` package."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, TextContent

from assistant import build, load_settings
from assistant.access import Caller
from assistant.errors import ConfigurationError
from assistant.mcp_server.desk import Desk
from assistant.mcp_server.server import make_server
from assistant.types import LOCAL_OPERATOR
from assistant.wire import AnswerJson
from tests.fakes.handbook import TEXTS
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer
from tests.fakes.ports import free_port

COMMAND = ["-m", "assistant.cli", "mcp"]


def _server(home: Path, *options: str) -> StdioServerParameters:
    return StdioServerParameters(
        command=sys.executable, args=[*COMMAND, *options], env={**os.environ, "ASSISTANT_HOME": str(home)}
    )


def _value(result: CallToolResult) -> dict[str, Any]:
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


def _error(result: CallToolResult) -> str:
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def _keys(found: dict[str, Any]) -> list[str]:
    return [passage["document"]["key"] for passage in found["passages"]]


def test_an_employee_searches_reads_and_asks_over_stdio(filled_home: Path) -> None:
    async def talk() -> None:
        async with Client(_server(filled_home, "--groups", "everyone"), read_timeout_seconds=120) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"search", "read", "ask"}
            for tool in tools.values():
                assert tool.annotations is not None
                assert tool.annotations.read_only_hint
            first = _value(await client.call_tool("search", {"query": "Where are train tickets booked?", "limit": 2}))
            passage = first["passages"][0]
            assert passage["document"]["key"] == "travel.md"
            assert passage["text"] == TEXTS["travel.md"][passage["start"] : passage["end"]]
            assert len(first["passages"]) == 2

            window = {"source": "docs", "key": "travel.md", "start": 3, "length": 10}
            part = _value(await client.call_tool("read", window))
            assert (part["text"], part["end"], part["next_start"]) == (TEXTS["travel.md"][3:13], 13, 13)
            assert part["characters"] == len(TEXTS["travel.md"])
            rest = _value(await client.call_tool("read", {**window, "start": 13, "length": 1000}))
            assert part["text"] + rest["text"] == TEXTS["travel.md"][3:]
            assert rest["next_start"] is None

            answer = _value(await client.call_tool("ask", {"question": "When do VPN certificates expire?"}))
            assert "90 days" in answer["answer"]
            assert answer["citations"][0]["document"]["key"] == "vpn.txt"
            assert answer["citations"][0]["verified"]

            pay = "What is grade K7 paid a month?"
            assert "hr/salary.md" not in _keys(_value(await client.call_tool("search", {"query": pay})))
            asked = _value(await client.call_tool("ask", {"question": pay}))
            assert "4,310" not in asked["answer"]
            hidden = await client.call_tool("read", {"source": "docs", "key": "hr/salary.md"})
            missing = await client.call_tool("read", {"source": "docs", "key": "hr/none.md"})
            assert "there is no document 'hr/salary.md'" in _error(hidden)
            assert _error(hidden).replace("salary", "none") == _error(missing)

            assert "the query is empty" in _error(await client.call_tool("search", {"query": " "}))
            assert "read from an earlier place" in _error(await client.call_tool("read", {**window, "start": 9999}))
            assert "limit" in _error(await client.call_tool("search", {"query": "x", "limit": 0}))
            with build(load_settings(home=filled_home), owns_index=True) as app:  # between calls, the index is free
                assert app.retriever.search("VPN", LOCAL_OPERATOR, 1)

    asyncio.run(talk())


def test_without_groups_the_operator_reads_everything_also_at_once(filled_home: Path) -> None:
    async def talk() -> None:
        async with Client(_server(filled_home), read_timeout_seconds=120) as client:
            pay = client.call_tool("search", {"query": "What is grade K7 paid a month?", "sources": ["docs"]})
            none = client.call_tool("search", {"query": "What is grade K7 paid a month?", "sources": ["other"]})
            text = client.call_tool("read", {"source": "docs", "key": "hr/salary.md"})
            found, nothing, read = await asyncio.gather(pay, none, text)
            assert _keys(_value(found))[0] == "hr/salary.md"
            assert _keys(_value(nothing)) == []
            assert _value(read)["text"] == TEXTS["hr/salary.md"]

    asyncio.run(talk())


def test_over_http_only_on_loopback_and_for_loopback_names(filled_home: Path) -> None:
    port = free_port()
    arguments = [sys.executable, *COMMAND, "--port", str(port), "--groups", "everyone"]
    environment = {**os.environ, "ASSISTANT_HOME": str(filled_home)}

    async def talk(url: str) -> None:
        async with Client(url, read_timeout_seconds=120) as client:
            read = await client.call_tool("read", {"source": "docs", "key": "vpn.txt"})
            assert _value(read)["text"] == TEXTS["vpn.txt"]
            assert (await client.call_tool("read", {"source": "docs", "key": "hr/salary.md"})).is_error

    with subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            url = f"http://127.0.0.1:{port}/mcp"
            assert url in server.stderr.readline()
            asyncio.run(talk(url))
            hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
            stranger = httpx.post(url, json=hello, headers={"Host": "evil.example"}, timeout=120)
            assert stranger.status_code in {403, 421}
            assert (
                httpx.post(url, json=hello, headers={"Origin": "http://evil.example"}, timeout=120).status_code == 403
            )
            second = subprocess.run(
                arguments, env=environment, capture_output=True, text=True, timeout=240, check=False
            )
            assert second.returncode == 1
            assert f"error: port {port} on 127.0.0.1 cannot be used" in second.stderr
        finally:
            server.terminate()
    assert server.returncode == -signal.SIGTERM


def test_a_model_writes_no_further_for_who_cancels(filled_home: Path) -> None:
    async def ask(model: ModelServer) -> None:
        server = _server(filled_home, "--groups", "everyone")
        assert server.env is not None
        server.env["ASSISTANT_MODEL_URL"] = model.url
        async with Client(server, read_timeout_seconds=120) as client:
            asking = asyncio.create_task(client.call_tool("ask", {"question": "When do VPN certificates expire?"}))
            await _until(lambda: any(one.pieces for one in model.chats))
            asking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asking
            await _until(lambda: any(one.left for one in model.chats))
            _value(await client.call_tool("search", {"query": "VPN"}))  # it goes on with others

    slow = Reply("They expire after 90 days. " * 1000, piece_seconds=0.1)
    with ModelServer(Script(otherwise=slow)) as model:
        asyncio.run(ask(model))


def test_answers_that_take_long_take_no_thread_from_those_who_sign_in() -> None:
    over = threading.Event()

    class Slow(Desk):
        begun = 0

        def ask(self, *_: Any) -> AnswerJson:
            self.begun += 1
            assert over.wait(120)
            raise ConfigurationError("nothing is answered", "ask again")

    async def ask(desk: Slow) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        server = make_server(desk, "1", lambda _: Caller(LOCAL_OPERATOR, frozenset({"ask"})))
        async with Client(server, read_timeout_seconds=120) as client:
            asked = [asyncio.create_task(client.call_tool("ask", {"question": "why?"})) for _ in range(8)]
            await _until(lambda: desk.begun == len(asked))
            try:
                await asyncio.wait_for(asyncio.to_thread(lambda: None), 60)
            finally:
                over.set()
            assert {_error(one) for one in await asyncio.gather(*asked)} == {
                "Error executing tool ask: nothing is answered (ask again)"
            }

    asyncio.run(ask(Slow(contextlib.nullcontext)))


async def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.05)
