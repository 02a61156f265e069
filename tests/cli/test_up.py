"""`assistant up` for real: API, worker, schedules and UI in their processes, commands beside them, stop and kill."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.cli.conftest import Run, json_of
from tests.fakes.ports import free_port
from tests.fakes.processes import command_of, end, is_gone

pytestmark = pytest.mark.timeout(900)  # each starts a whole installation, on a machine that may have other work
SECONDS, STOP_SECONDS = 120.0, 240.0  # for an answer, and for the end


@dataclass
class Running:
    process: subprocess.Popen[str]
    ui: str
    api: str

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.api + path, timeout=SECONDS)


@contextmanager
def running(home: Path, **variables: str) -> Iterator[Running]:
    """Start the assistant on free ports and wait until it says that it is ready."""
    command = [sys.executable, "-m", "assistant.cli", "up", "--port", str(free_port()), "--ui-port", str(free_port())]
    environment = {**os.environ, "ASSISTANT_HOME": str(home), "NO_COLOR": "1", **variables}
    log = home.with_suffix(".log")
    with log.open("a") as errors:
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"ready: (http://\S+)\s+\(API: (http://\S+)/openapi.json\)", line)
        assert found, f"{line}\n{log.read_text()}"
        yield Running(process, found[1], found[2])
    finally:
        end(process, seconds=STOP_SECONDS)
        process.stdout.close()


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.2)


def gone(processes: list[psutil.Process]) -> bool:
    return all(map(is_gone, processes))


def test_a_connection_is_kept_for_longer_than_clients_use_it(assistant_home: Path) -> None:
    with running(assistant_home) as server:
        connection = http.client.HTTPConnection(server.api.removeprefix("http://"), timeout=SECONDS)
        for _ in range(2):
            connection.request("GET", "/health")  # opens no other connection where the first one was closed
            assert json.loads(connection.getresponse().read())["status"] == "ok"
            time.sleep(6)  # httpx uses a connection for five seconds
        connection.close()


def test_up_serves_syncs_on_schedule_and_shares_its_index(assistant: Run, folder: Path, assistant_home: Path) -> None:
    with running(assistant_home, ASSISTANT_LOG_FORMAT="json") as server:
        assert server.get("/ready").json()["status"] == "ok"
        assert httpx.get(server.ui, timeout=SECONDS).status_code == 200
        assert httpx.get(f"{server.ui}/_stcore/health", timeout=SECONDS).text == "ok"
        body = {"name": "d", "kind": "folder", "config": {"path": str(folder)}, "schedule": "every 2s"}
        assert httpx.post(f"{server.api}/api/sources", json=body, timeout=SECONDS).status_code == 201
        wait_for(lambda: server.get("/api/status").json()["documents"] == 3)
        (folder / "later.md").write_text("# Later\n\nThe gym opens at seven.\n")
        wait_for(lambda: any(run["trigger"] == "schedule" for run in server.get("/api/runs").json()["runs"]))
        wait_for(lambda: server.get("/api/status").json()["documents"] == 4)
        # a command beside the server reaches the index through its owner
        other = folder.parent / "other"
        other.mkdir()
        (other / "note.txt").write_text("Bicycles are kept in the cellar.\n")
        assert json_of(assistant("ingest", other, "--json"))["documents"]["added"] == 1
        hit = json_of(assistant("search", "where are bicycles kept", "--limit", "1", "--json"))["hits"][0]
        assert hit["document"]["key"] == "note.txt"
        found = httpx.post(f"{server.api}/api/search", json={"query": "bicycles"}, timeout=SECONDS).json()
        assert found["hits"][0]["document"]["source"] == "other"
        secret = assistant_home / "owner.json"
        assert secret.stat().st_mode & 0o777 == 0o600
        assert assistant("doctor").returncode == 0
        children = psutil.Process(server.process.pid).children(recursive=True)
    assert server.process.returncode == 0
    wait_for(lambda: gone(children))
    assert not secret.exists()
    lines = assistant_home.with_suffix(".log").read_text().splitlines()
    assert all(json.loads(line)["level"] in {"INFO", "WARNING"} for line in lines if line.startswith("{"))


def test_killed_with_9_it_leaves_nothing_behind_and_starts_again(
    assistant: Run, folder: Path, assistant_home: Path
) -> None:
    json_of(assistant("ingest", folder, "--json"))
    with running(assistant_home) as server:
        children = psutil.Process(server.process.pid).children(recursive=True)
        assert children
        server.process.kill()
        server.process.wait(120)
        wait_for(lambda: gone(children))
    assert (assistant_home / "owner.json").exists()
    assert len(json_of(assistant("search", "train tickets", "--json"))["hits"]) == 3
    with running(assistant_home) as server:
        assert server.get("/api/status").json()["documents"] == 3


def test_the_ui_that_ends_ends_the_server_with_a_reason(assistant_home: Path) -> None:
    with running(assistant_home) as server:
        (ui,) = [
            child
            for child in psutil.Process(server.process.pid).children(recursive=True)
            if "streamlit" in " ".join(command_of(child))
        ][:1]
        ui.kill()
        assert server.process.wait(STOP_SECONDS) == 1
    assert "the web UI ended" in assistant_home.with_suffix(".log").read_text()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_in_the_middle_of_an_ingestion_and_it_goes_on_later(
    folder: Path, assistant_home: Path, signal_number: int
) -> None:
    for number in range(400):
        (folder / f"many{number}.txt").write_text(f"Note {number} speaks of things.\n\n" * 30)
    with running(assistant_home, ASSISTANT_SYNC_BATCH="16") as server:
        body = {"name": "d", "kind": "folder", "config": {"path": str(folder)}}
        assert httpx.post(f"{server.api}/api/sources", json=body, timeout=SECONDS).status_code == 201
        wait_for(lambda: server.get("/api/status").json()["documents"] > 0)
        server.process.send_signal(signal_number)
        started = time.monotonic()
        server.process.wait(STOP_SECONDS)
        assert time.monotonic() - started < 120  # 20 s for what is at work, on a machine that has other work
    with running(assistant_home) as server:
        wait_for(lambda: server.get("/api/runs").json()["runs"][0]["state"] == "done")
        assert server.get("/api/status").json()["documents"] == 403
