"""How the web UI is started: local, quiet, and without a word to the outside."""

from __future__ import annotations

import tomllib

import pytest

from assistant.settings import load_settings
from ui.run import SCRIPT, streamlit_command, streamlit_environment


def test_the_command_binds_to_loopback_and_tells_nobody() -> None:
    command = streamlit_command(load_settings(ui_port=4321))
    assert command[1:5] == ["-m", "streamlit", "run", str(SCRIPT)]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=4321",
        "--server.allowedHosts=127.0.0.1",
        "--server.allowedHosts=localhost",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--client.toolbarMode=minimal",
    } <= set(command)


def test_a_ui_that_listens_everywhere_takes_any_host_name() -> None:
    command = streamlit_command(load_settings(host="0.0.0.0"))  # noqa: S104 (only words)
    assert "--server.address=0.0.0.0" in command
    assert not [flag for flag in command if flag.startswith("--server.allowedHosts")]


def test_a_ui_behind_a_proxy_takes_the_name_that_people_use_and_no_other() -> None:
    for host in ("127.0.0.1", "0.0.0.0"):  # noqa: S104 (only words)
        command = streamlit_command(load_settings(host=host, public_url="https://assistant.corp.example"))
        allowed = {flag.partition("=")[2] for flag in command if flag.startswith("--server.allowedHosts")}
        assert allowed == {"127.0.0.1", "localhost", host, "assistant.corp.example"}


def test_behind_a_proxy_the_public_name_is_one_of_its_own() -> None:
    command = streamlit_command(load_settings(public_url="https://assistant.corp.example/"))
    assert {"--server.allowedHosts=assistant.corp.example", "--browser.serverAddress=assistant.corp.example"} <= set(
        command
    )
    assert not [flag for flag in streamlit_command(load_settings()) if flag.startswith("--browser.serverAddress")]


def test_the_ui_is_told_where_the_api_is(monkeypatch: pytest.MonkeyPatch) -> None:
    added = streamlit_environment(load_settings(port=4567))
    assert added == {"ASSISTANT_API_URL": "http://127.0.0.1:4567"}
    for name, value in added.items():
        monkeypatch.setenv(name, value)
    assert load_settings().api_base == "http://127.0.0.1:4567"


def test_the_look_names_nothing_outside() -> None:
    look = (SCRIPT.parent / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    assert {"light", "dark"} <= set(tomllib.loads(look)["theme"])
    assets = [path.read_text(encoding="utf-8") for path in (SCRIPT.parent / "assets").iterdir()]
    for text in (look, *assets):
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
