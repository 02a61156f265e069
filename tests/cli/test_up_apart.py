"""API and web UI as processes of their own, as images run them, and the schema's migration by itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.conftest import Run
from tests.cli.test_up import SECONDS, STOP_SECONDS, wait_for
from tests.fakes.ports import free_port
from tests.fakes.processes import end

pytestmark = pytest.mark.timeout(900)  # each starts a whole installation, on a machine that may have other work


def test_the_api_runs_without_the_ui_and_the_ui_beside_it(assistant_home: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "ASSISTANT_HOME": str(assistant_home), "NO_COLOR": "1"}
    named = {**environment, "ASSISTANT_API_URL": "http://api.internal:8090"}
    command = [sys.executable, "-m", "assistant.cli", "up", "--no-ui", "--port", "0"]
    with (tmp_path / "log").open("w") as log:
        api = subprocess.Popen(command, env=named, stdout=subprocess.PIPE, stderr=log, text=True)
        assert api.stdout is not None
        ui: subprocess.Popen[bytes] | None = None
        try:
            assert "API is ready" in api.stdout.readline(), (tmp_path / "log").read_text()
            port = listening(api.pid)
            address = f"http://127.0.0.1:{port}"
            # the name by which the UI calls it is its own; another is not
            named_well = httpx.get(f"{address}/api/status", headers={"Host": "api.internal:8090"}, timeout=SECONDS)
            assert named_well.status_code == 200
            foreign = httpx.get(f"{address}/api/status", headers={"Host": "elsewhere.example"}, timeout=SECONDS)
            assert foreign.status_code == 403

            ui_port = free_port()
            there = {**environment, "ASSISTANT_API_URL": address, "ASSISTANT_UI_PORT": str(ui_port)}
            ui = subprocess.Popen([sys.executable, "-m", "ui"], env=there, stdout=log, stderr=log)
            wait_for(lambda: answers(f"http://127.0.0.1:{ui_port}/_stcore/health"))
        finally:
            end(*filter(None, (ui, api)), seconds=STOP_SECONDS)
            api.stdout.close()
    assert api.returncode == 0


def test_an_api_beside_the_owner_waits_for_it_and_searches_its_index(
    assistant: Run, folder: Path, assistant_home: Path, tmp_path: Path
) -> None:
    assert assistant("ingest", folder).returncode == 0
    environment = {**os.environ, "ASSISTANT_HOME": str(assistant_home), "NO_COLOR": "1"}
    owner_port, port = free_port(), free_port()
    up = [sys.executable, "-m", "assistant.cli", "up", "--no-ui", "--port"]
    log = tmp_path / "log"
    with log.open("w") as errors:
        beside = subprocess.Popen([*up, str(port), "--no-index"], env=environment, stdout=errors, stderr=errors)
        owner: subprocess.Popen[bytes] | None = None
        try:
            wait_for(lambda: "it is waited for" in log.read_text())
            owner = subprocess.Popen([*up, str(owner_port)], env=environment, stdout=errors, stderr=errors)
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/ready"))
            asked = httpx.post(f"http://127.0.0.1:{port}/api/search", json={"query": "train tickets"}, timeout=SECONDS)
            assert asked.json()["hits"]
            owner.kill()
            owner.wait(120)
            lost = httpx.post(f"http://127.0.0.1:{port}/api/search", json={"query": "gym"}, timeout=SECONDS)
            assert (lost.status_code, lost.json()["code"]) == (503, "IndexUnavailableError")
            owner = subprocess.Popen([*up, str(owner_port)], env=environment, stdout=errors, stderr=errors)
            wait_for(lambda: answers(f"http://127.0.0.1:{port}/ready"))
        finally:
            end(*filter(None, (beside, owner)), seconds=STOP_SECONDS)


def test_the_schema_is_made_by_a_command_of_its_own(assistant: Run, assistant_home: Path) -> None:
    done = assistant("migrate")
    assert re.match(r"the catalog's schema is up to date \(\d", done.stdout)
    assert (assistant_home / "catalog.sqlite3").is_file()


def listening(pid: int) -> int:
    """Return the port at which it answers; on a busy machine not with the first look."""
    found: list[int] = []

    def answers_somewhere() -> bool:
        kinds = (one for one in psutil.Process(pid).net_connections("tcp4") if one.status == psutil.CONN_LISTEN)
        found.extend(one.laddr.port for one in kinds if answers(f"http://127.0.0.1:{one.laddr.port}/health"))
        return bool(found)

    wait_for(answers_somewhere)
    return found[0]


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
