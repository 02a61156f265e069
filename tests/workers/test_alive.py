"""A worker's sign of life, as a health check sees it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.fakes.processes import end
from tests.workers.brokers import Valkey
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


@pytest.mark.timeout(900)
def test_a_real_worker_gives_signs_with_and_without_a_broker_until_it_ends(tmp_path: Path) -> None:
    broker = Valkey()
    variables = {
        "TMPDIR": str(tmp_path),
        "ASSISTANT_HOME": str(tmp_path / "home"),
        "ASSISTANT_BROKER_URL": broker.url,
    }
    command = [sys.executable, "-m", "celery", "-A", "workers.main", "worker", "-P", "threads", "-c", "1"]
    with broker, (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen(command, env={**os.environ, **variables}, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 240
            while alive.main() and time.monotonic() < until:
                time.sleep(0.2)
            assert alive.main() == 0, (tmp_path / "log").read_text()
            broker.kill()
            long_ago = time.time() - alive.STALE_SECONDS - 5
            os.utime(alive.sign_file(), (long_ago, long_ago))
            while alive.main() and time.monotonic() < until:
                time.sleep(0.2)
            assert alive.main() == 0, "it waits for its broker, and is alive"
        finally:
            end(worker, seconds=240)
    assert not alive.sign_file().exists()
