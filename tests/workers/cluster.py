"""A whole installation for tests: Postgres, a broker, the API that owns the index, workers, beat."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.fakes.ports import free_port
from tests.fakes.processes import is_gone
from tests.workers.brokers import Broker, Valkey

CELERY = [sys.executable, "-m", "celery", "-A", "workers.main"]
WAIT = 300.0
ENDS_IN = 240.0  # 20 s for what is at work, on a machine that has other work


@dataclass
class Cluster:
    """Processes by name, each of which can be killed and started again.

    Args:
        folder: takes the home and the logs.
        catalog: URL of an empty database.
        workers: the queues of each worker process, by its name.
        settings: further variables for all of them.
        broker: not started yet.
    """

    folder: Path
    catalog: str
    workers: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    broker: Broker = field(default_factory=Valkey)
    _commands: dict[str, list[str]] = field(default_factory=dict)
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        api, ui = free_port(), free_port()
        self.api = f"http://127.0.0.1:{api}"
        self.variables = {
            **os.environ,
            "ASSISTANT_HOME": str(self.home),
            "ASSISTANT_CATALOG_URL": self.catalog,
            "ASSISTANT_BROKER_URL": self.broker.url,
            "ASSISTANT_RECONCILE_SECONDS": "2",
            **self.settings,
        }
        up = [sys.executable, "-m", "assistant.cli", "up", "--port", str(api), "--ui-port", str(ui)]
        self._commands = {"api": up, "beat": [*CELERY, "beat", "-s", str(self.folder / "beat")]}
        for name, queues in self.workers.items():
            options = ["-P", "threads", "-c", "2", "-Q", queues, "-n", f"{name}@%h"]
            self._commands[name] = [*CELERY, "worker", *options]

    @property
    def names(self) -> list[str]:
        """What can be killed."""
        return ["broker", *self._commands]

    def start(self, name: str) -> None:
        """Start what was killed, or was never started."""
        if name == "broker":
            self.broker.start()
            return
        with (self.folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(
                self._commands[name], env=self.variables, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill it with -9; of what it started, nothing that would go on is left."""
        if name == "broker":
            self.broker.kill()
            return
        process = self._processes.pop(name)
        below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
        process.send_signal(signal.SIGKILL)
        process.wait(120)
        psutil.wait_procs(below, 60)  # they notice by themselves
        left = [child for child in below if not is_gone(child)]
        assert not left, f"{name} left {left}"

    def ended(self) -> list[str]:
        """Return the names of those that have ended by themselves."""
        return [name for name, process in self._processes.items() if process.poll() is not None]

    def end(self) -> list[str]:
        """End all of it. Returns the names of those that had to be killed for it."""
        hung = []
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            try:
                process.wait(ENDS_IN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                hung.append(name)
        self.broker.stop()
        return hung

    def wait_until_ready(self) -> None:
        """Wait until the API answers."""
        wait_for(self._answers)

    def get(self, path: str) -> Any:
        """Return the JSON that the API answers."""
        return httpx.get(self.api + path, timeout=120).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> httpx.Response:
        """Send JSON to the API."""
        return httpx.post(self.api + path, json=body, timeout=120)

    def logs(self) -> str:
        """Return the last lines of all logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {log.name}\n" + "\n".join(log.read_text().splitlines()[-20:]) for log in logs)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.api}/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


def wait_for(condition: Callable[[], bool], seconds: float = WAIT) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


@contextmanager
def running_cluster(
    folder: Path,
    catalog: str,
    workers: dict[str, str],
    *,
    broker: Broker | None = None,
    with_broker: bool = True,
    **settings: str,
) -> Iterator[Cluster]:
    """Start all of it, or all but the broker, and end all of it afterwards."""
    cluster = Cluster(folder, catalog, workers, settings, broker or Valkey())
    try:
        for name in cluster.names if with_broker else cluster.names[1:]:
            cluster.start(name)
        cluster.wait_until_ready()
        yield cluster
    except BaseException:
        print(cluster.logs())
        raise
    finally:
        hung = cluster.end()
    assert not hung, f"{hung} did not end when asked to"
