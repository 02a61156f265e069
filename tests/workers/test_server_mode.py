"""Worker and beat as processes of their own, on a real Valkey broker, with the index in the API process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.test_up import SECONDS, STOP_SECONDS, running, wait_for
from tests.fakes.processes import end
from tests.workers.brokers import Valkey

pytestmark = pytest.mark.timeout(900)  # it starts a whole installation, on a machine that may have other work

SERVER = {"ASSISTANT_RECONCILE_SECONDS": "2"}


@pytest.fixture
def broker() -> Iterator[str]:
    """The URL of a Valkey server from a wheel."""
    with Valkey() as server:
        yield server.url


@contextmanager
def celery(role: str, *options: str, log: Path, **variables: str) -> Iterator[None]:
    """Run Celery's own command, as an operator would."""
    command = [sys.executable, "-m", "celery", "-A", "workers.main", role, *options]
    with log.open("w") as file:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=file, stderr=file)
        try:
            yield
        finally:
            end(process, seconds=STOP_SECONDS)


def test_a_worker_process_syncs_what_the_api_and_the_schedule_ask_for(
    broker: str, assistant_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Gym\n\nThe gym opens at seven.\n")
    variables = {"ASSISTANT_HOME": str(assistant_home), "ASSISTANT_BROKER_URL": broker, **SERVER}
    with (
        running(assistant_home, **variables) as server,
        celery("worker", "-P", "threads", "-c", "2", log=tmp_path / "worker.log", **variables),
        celery("beat", "-s", str(tmp_path / "beat"), log=tmp_path / "beat.log", **variables),
    ):
        body = {"name": "d", "kind": "folder", "config": {"path": str(folder)}, "schedule": "every 2s"}
        assert httpx.post(f"{server.api}/api/sources", json=body, timeout=SECONDS).status_code == 201
        wait_for(lambda: server.get("/api/status").json()["documents"] == 1)
        (folder / "b.md").write_text("# Sauna\n\nThe sauna is warm on Fridays.\n")
        wait_for(lambda: server.get("/api/status").json()["documents"] == 2)
        assert any(run["trigger"] == "schedule" for run in server.get("/api/runs").json()["runs"])
        found = httpx.post(f"{server.api}/api/search", json={"query": "sauna"}, timeout=SECONDS).json()
        assert found["hits"][0]["document"]["key"] == "b.md"
