"""Tools of a real MCP server, over stdio and HTTP, and from a plugin in the folder."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import MASK, Catalog, Keyring, masked
from assistant.errors import ConfigurationError, PluginError, ToolError
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import PluginRegistry, load_plugin
from assistant.types import LOCAL_OPERATOR
from plugins.mcp import McpServer, offer
from tests.fakes.ports import free_port

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "tests.plugins.mcp.served")


def made(**changes: object) -> McpServer:
    settings: dict[str, object] = {"name": "t", "command": COMMAND, "environment": {"PYTHONPATH": str(ROOT)}}
    return McpServer(**{**settings, **changes})  # type: ignore[arg-type]


def offered(server: McpServer) -> PluginRegistry:
    registry = PluginRegistry()
    offer(registry, server)
    return registry


@pytest.fixture(scope="module")
def tools() -> PluginRegistry:
    environment = {"PYTHONPATH": str(ROOT), "GREETING": "good day"}
    return offered(made(environment=environment, reading=frozenset({"picture"})))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    port = free_port()
    with subprocess.Popen([*COMMAND, str(port)], cwd=ROOT, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.kill()  # asked to end, it would wait for a tool that still sleeps


def test_every_tool_is_offered_as_the_server_describes_it(tools: PluginRegistry):
    assert set(tools.tools) == {"t_add", "t_say_hello", "t_sleep", "t_refuse", "t_end", "t_picture"}
    add = tools.tool("t_add")
    assert add.description == "Add two numbers."
    assert add.parameters["required"] == ["a", "b"]
    writing = {name for name, tool in tools.tools.items() if tool.writes}
    assert all(tool.reaches_out for tool in tools.tools.values()), "nobody said that the server is one's own"
    assert writing == {"t_say_hello", "t_refuse", "t_end"}, "what the server does not call read-only writes"


def test_results_come_as_text_and_data(tools: PluginRegistry):
    added = tools.tool("t_add").run({"a": 2, "b": 40}, LOCAL_OPERATOR)
    assert added.data == {"total": 42}
    assert "42" in added.text
    said = tools.tool("t_say_hello").run({"name": "Ann"}, LOCAL_OPERATOR)
    assert said.text == "Hello Ann, good day, no home", "the assistant's own variables do not reach the server"
    assert tools.tool("t_picture").run({}, LOCAL_OPERATOR).text == "[image: not shown]"


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("t_refuse", {}, "the record is locked"),
        ("t_add", {"a": "two", "b": 1}, "t_add: "),
        ("t_add", {"a": 1}, "t_add: "),
        ("t_end", {}, "the MCP server 't'"),
    ],
)
def test_what_fails_is_told_to_the_model(tools: PluginRegistry, tool: str, arguments: dict[str, object], words: str):
    with pytest.raises(ToolError) as raised:
        tools.tool(tool).run(arguments, LOCAL_OPERATOR)
    assert words in str(raised.value)
    assert tools.tool("t_add").run({"a": 1, "b": 1}, LOCAL_OPERATOR).data == {"total": 2}, "the next call works"


def test_a_slow_server_is_given_up(url: str):
    tools = offered(made(command=(), url=url, seconds=15))
    began = time.monotonic()
    with pytest.raises(ToolError, match="did not answer in 15 s"):
        tools.tool("t_sleep").run({"seconds": 100}, LOCAL_OPERATOR)
    assert time.monotonic() - began < 60


def test_over_http(url: str):
    tools = offered(made(command=(), url=url, only=frozenset({"add"})))
    assert set(tools.tools) == {"t_add"}
    assert tools.tool("t_add").run({"a": 1, "b": 2}, LOCAL_OPERATOR).data == {"total": 3}


def test_what_is_wrong_with_a_server_is_said():
    with pytest.raises(ToolError, match=r"cannot be started: /no/such/program: No such file"):
        offered(made(command=("/no/such/program",)))
    with pytest.raises(ToolError, match=r"the MCP server 't' \(http://127.0.0.1:9/mcp\) failed: ConnectError"):
        offered(made(command=(), url="http://127.0.0.1:9/mcp"))
    with pytest.raises(PluginError, match=r"has no tool none .*add"):
        offered(made(only=frozenset({"none"})))
    with pytest.raises(ConfigurationError, match="needs a command or a url"):
        made(url="http://127.0.0.1:9/mcp")
    with pytest.raises(ConfigurationError, match="cannot be called 'Not this'"):
        made(name="Not this")
    assert "hunter2" not in repr(made(environment={"TOKEN": "hunter2"}, headers={"Authorization": "hunter2"}))


def test_the_example_of_the_page_works_in_a_process_of_its_own(tmp_path: Path):
    page = (ROOT / "infra" / "docs" / "integrations.md").read_text(encoding="utf-8")
    code = page.split("<!-- example: mcp -->\n```python\n")[1].split("```")[0]
    ours = f"command={COMMAND!r}, environment={{'PYTHONPATH': {str(ROOT)!r}}}"
    assert 'command=("uvx", "some-mcp-server")' in code
    (tmp_path / "desk.py").write_text(code.replace('command=("uvx", "some-mcp-server")', ours))
    catalog, registry = Catalog(f"sqlite:///{tmp_path / 'c'}", Keyring(tmp_path / "key")), PluginRegistry()
    desk = PluginDesk(lambda: catalog, registry, tmp_path, HostLimits(60, 2 << 30, 2_000_000))
    registry.attach(desk)
    try:
        desk.enable("desk")
        tool = registry.tool("desk_add")
        assert not tool.writes
        assert tool.run({"a": 20, "b": 22}, LOCAL_OPERATOR).data == {"total": 42}
    finally:
        desk.close()
        catalog.close()


def test_a_server_that_others_wrote():
    server = McpServer("clock", command=(sys.executable, "-m", "mcp_server_time", "--local-timezone", "UTC"))
    tools = offered(server)
    assert set(tools.tools) == {"clock_get_current_time", "clock_convert_time"}
    noon = {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"}
    assert "T21:00:00+09:00" in tools.tool("clock_convert_time").run(noon, LOCAL_OPERATOR).text
    with pytest.raises(ToolError, match=r"clock_get_current_time: .*Nowhere"):
        tools.tool("clock_get_current_time").run({"timezone": "Nowhere/Here"}, LOCAL_OPERATOR)


def kinds() -> PluginRegistry:
    registry = PluginRegistry()
    load_plugin(registry, "mcp", "1.0", "plugins.mcp", "register")
    return registry


def test_a_program_is_configured_and_its_secrets_are_told_to_nobody() -> None:
    kind = kinds().tool_kind("mcp_command")
    assert kind.for_operators
    config = {
        "command": list(COMMAND),
        "environment": {"PYTHONPATH": str(ROOT), "GREETING": "good-day-9c1"},
        "only": ["add", "Say.Hello"],
        "reading": ["Say.Hello"],
    }
    assert masked(kind.validate(config, "tool 't'"))["environment"] == {"PYTHONPATH": MASK, "GREETING": MASK}
    made = {tool.name: tool for tool in kind.make("t", config)}
    assert {name: tool.writes for name, tool in made.items()} == {"t_add": False, "t_say_hello": False}
    assert made["t_add"].run({"a": 1, "b": 2}, LOCAL_OPERATOR).data == {"total": 3}
    told = made["t_say_hello"].run({"name": "Ann"}, LOCAL_OPERATOR).text
    assert (MASK in told, "good-day-9c1" in told) == (True, False)
    with pytest.raises(PluginError, match="has no tool nothing"):
        kind.make("t", {**config, "only": ["nothing"]})


def test_a_server_is_configured_by_its_address_and_private_networks_are_closed(url: str) -> None:
    kind = kinds().tool_kind("mcp")
    assert not kind.for_operators
    config = {"url": url, "token": "tok-5512", "only": ["add"], "private_hosts": ["127.0.0.1"]}
    (add,) = kind.make("t", config)
    assert add.run({"a": 20, "b": 22}, LOCAL_OPERATOR).data == {"total": 42}
    with pytest.raises(ToolError, match=r"the MCP server 't': the host 127\.0\.0\.1 lies in a private network"):
        kind.make("t", {**config, "private_hosts": []})
    with pytest.raises(ConfigurationError, match="tool 't': url"):
        kind.make("t", {**config, "url": "https://ann:pw@desk.example.org/mcp"})
