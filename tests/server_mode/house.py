"""Server mode on one machine: Postgres, broker, index's owner, two APIs behind nginx, workers, beat, UI and model."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from tests.fakes import vllm
from tests.fakes.databases import Postgres
from tests.fakes.ports import free_port
from tests.server_mode.nginx import configuration
from tests.server_mode.processes import Process, Watchdog
from tests.workers.brokers import Broker, RabbitMQ, Valkey

BrokerKind = Literal["valkey", "rabbitmq"]
ModelKind = Literal["none", "scripted", "vllm"]
START_SECONDS = 600.0
_CELERY = [sys.executable, "-m", "celery", "-A", "workers.main"]
_QUEUES = "sync,parse,embed,delete,maintenance"


@dataclass
class ServerHouse:
    """All of it, by name; what is not in `processes` is Postgres and the broker.

    Args:
        folder: takes the home and the logs.
        postgres: a server that runs.
        broker: one that does not run yet.
        model: what writes the answers.
        with_ui: whether the web UI is started.
        settings: more variables for all processes.
    """

    folder: Path
    postgres: Postgres
    broker: Broker
    model: ModelKind = "none"
    with_ui: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    _ended: bool = False

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self._ports = {name: free_port() for name in ("nginx", "owner", "api-1", "api-2", "ui", "model")}
        self.url = f"http://127.0.0.1:{self._ports['nginx']}"
        self.variables = {
            **os.environ,
            "ASSISTANT_HOME": str(self.home),
            "ASSISTANT_CATALOG_URL": self.postgres.url,
            "ASSISTANT_BROKER_URL": self.broker.url,
            "ASSISTANT_SIGN_IN": "accounts",
            "ASSISTANT_PUBLIC_URL": self.url,
            "ASSISTANT_RECONCILE_SECONDS": "5",
            "NO_COLOR": "1",
            **self.settings,
        }
        if self.model != "none":
            self.variables["ASSISTANT_MODEL_URL"] = f"http://127.0.0.1:{self._ports['model']}/v1"
            self.variables["ASSISTANT_MODEL_CONNECT_SECONDS"] = "2"
            # a random model never ends by itself, and a CPU reads some hundred tokens a second
            self.variables |= {"ASSISTANT_ANSWER_TOKENS": "32", "ASSISTANT_CONTEXT_BUDGET": "800"}
        for name, command in self._commands().items():
            self.processes[name] = Process(name, command, self._variables_of(name), self.folder, name == "model")
        self.watchdog = Watchdog(list(self.processes.values()))

    def address(self, name: str) -> str:
        """Return where this process listens."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def start(self) -> None:
        """Start all but Postgres, which runs, and wait until all of it answers."""
        self.broker.start()
        for process in self.processes.values():
            process.start()
        self.watchdog.start()
        self.wait(lambda: all(self._answers(f"{self.address(one)}/ready") for one in ("owner", "api-1", "api-2")))
        if self.with_ui:
            self.wait(lambda: self._answers(f"{self.url}/_stcore/health"))
        if self.model != "none":
            self.wait(lambda: self._answers(f"{self.address('model')}/v1/models"))

    def end(self) -> list[str]:
        """End all but Postgres, once. Returns the names of those that had to be killed for it."""
        if self._ended:
            return []
        self._ended = True
        self.watchdog.stop()
        for process in self.processes.values():
            process.ask_to_end()
        hung = [name for name, process in self.processes.items() if process.end() and name != "model"]
        self.broker.stop()
        return hung

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds."""
        end = time.monotonic() + START_SECONDS
        while not condition():
            assert time.monotonic() < end, f"it did not happen in time\n{self.logs()}"
            time.sleep(0.3)

    def logs(self) -> str:
        """Return the last lines of all logs."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join(f"== {log.name}\n" + "\n".join(log.read_text().splitlines()[-15:]) for log in logs)

    def _commands(self) -> dict[str, list[str]]:
        up = [sys.executable, "-m", "assistant.cli", "up", "--no-ui", "--port"]
        worker = [*_CELERY, "worker", "-P", "threads", "-c", "2", "-Q", _QUEUES, "-n"]
        nginx_folder = self.folder / "nginx"
        nginx_folder.mkdir(parents=True)
        apis = [self._ports["api-1"], self._ports["api-2"]]
        site = configuration(nginx_folder, self._ports["nginx"], apis, self._ports["ui"])
        commands = {
            "owner": [*up, str(self._ports["owner"])],
            "api-1": [*up, str(self._ports["api-1"]), "--no-index"],
            "api-2": [*up, str(self._ports["api-2"]), "--no-index"],
            "worker-1": [*worker, "worker-1@%h"],
            "worker-2": [*worker, "worker-2@%h"],
            "beat": [*_CELERY, "beat", "-s", str(self.folder / "beat-schedule")],
            "nginx": [nginx_command(), "-c", str(site)],
        }
        if self.with_ui:
            commands["ui"] = [sys.executable, "-m", "ui"]
        if self.model == "scripted":
            commands["model"] = [sys.executable, "-m", "tests.server_mode.scripted", str(self._ports["model"])]
        elif self.model == "vllm":
            commands["model"] = self._vllm()
        return commands

    def _vllm(self) -> list[str]:
        made = vllm.cache_folder()
        serve = [str(vllm.INFRA / "serve.sh"), str(made), str(made / vllm.MODEL), str(self._ports["model"])]
        return [*serve, "--served-model-name", vllm.MODEL, "--limit-mm-per-prompt", '{"image": 3}']

    def _variables_of(self, name: str) -> dict[str, str]:
        if name == "ui":  # it reaches whichever API answers
            return {**self.variables, "ASSISTANT_API_URL": self.url, "ASSISTANT_UI_PORT": str(self._ports["ui"])}
        return self.variables

    @staticmethod
    def _answers(url: str) -> bool:
        try:
            return httpx.get(url, timeout=10, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False


def nginx_command() -> str:
    """Return nginx's command; empty where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def lacking(broker: BrokerKind) -> str:
    """Return what this machine lacks for a house; empty for nothing."""
    if not nginx_command():
        return "nginx"
    return "rabbitmq-server" if broker == "rabbitmq" and RabbitMQ.command() is None else ""


@contextmanager
def server_house(
    folder: Path,
    *,
    broker: BrokerKind = "valkey",
    model: ModelKind = "none",
    with_ui: bool = True,
    before: Callable[[ServerHouse], None] | None = None,
    **settings: str,
) -> Iterator[ServerHouse]:
    """Start all of it in a folder, and end all of it afterwards.

    Args:
        folder: takes everything but Postgres' data.
        broker: what carries Celery's messages.
        model: what writes the answers; `vllm` has to be built.
        with_ui: whether the web UI is started.
        before: is called when Postgres runs and nothing else does: it fills the home.
        settings: more variables for all processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # not below another's folder: run by root, Postgres becomes another user, who may not enter there
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-")))
        postgres = Postgres(data)
        stack.callback(postgres.end)
        carrier: Broker = RabbitMQ(folder) if broker == "rabbitmq" else Valkey()
        house = ServerHouse(folder, postgres, carrier, model, with_ui, settings)
        if before is not None:
            before(house)
        stack.callback(house.end)
        try:
            house.start()
            yield house
        except BaseException:
            print(house.logs())
            raise
