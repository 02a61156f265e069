"""Names of workers: who may still be alive."""

from __future__ import annotations

import subprocess
import sys

from assistant.ingest.owners import may_be_alive, new_worker, this_process


def test_this_process_is_alive_and_its_workers_differ() -> None:
    assert may_be_alive(this_process())
    first, second = new_worker(), new_worker()
    assert first != second
    assert may_be_alive(first)


def test_an_earlier_process_with_the_same_pid_is_not() -> None:
    host, pid, started, _ = this_process().split("/")
    assert not may_be_alive(f"{host}/{pid}/{started}/earlier")


def test_a_process_that_ended_is_not() -> None:
    code = "from assistant.ingest.owners import this_process; print(this_process())"
    name = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert not may_be_alive(name)


def test_what_runs_elsewhere_may_be() -> None:
    assert may_be_alive("other-host/1/1/x")
    assert may_be_alive("nonsense")
