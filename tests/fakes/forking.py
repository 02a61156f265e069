"""Runs modules as processes that need not import again what all of them do: each is forked off one that has.

Most of what a command takes is imports, and the tests run some hundred commands. `python -m tests.fakes.forking FD` is
the process that they are forked off; it runs nothing else, and has no thread.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Not onnxruntime: it starts a thread, which a process that is forked has not and waits for at its end.
IMPORTED = ("alembic.command", "cryptography.fernet", "qdrant_edge", "tokenizers", "typer")
PACKAGES = ("assistant", "plugins")  # with all that is below them
# The consoles of the command line read the environment when they are made, migrations are run when they are imported,
# and what few commands need takes long.
NOT_IMPORTED = (
    "assistant.cli",
    "assistant.catalog.migrations",
    "assistant.api",
    "assistant.integrations",
    "assistant.mcp_server",
)
ROOT = Path(__file__).parents[2]
_BEGIN = ("PYTHON", "LC_", "LANG")  # variables that Python reads when it begins: they need a process of its own
_LONGEST = 1_000_000


class Forker:
    """Runs modules one after the other; for one thread."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        timeout: float,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run `python -m MODULE ARGUMENT...`, as `subprocess.run` does with the output captured as text.

        Raises:
            subprocess.TimeoutExpired: it took longer than `timeout` seconds, and was killed.
        """
        command = [sys.executable, "-m", module, *arguments]
        if any(os.environ.get(name) != environment.get(name) for name in _beginning({*os.environ, *environment})):
            return subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=timeout, cwd=cwd, check=False
            )
        asked = {
            "module": module,
            "arguments": arguments,
            "environment": dict(environment),
            "cwd": str(cwd or Path.cwd()),
        }
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            self._send(asked, out.fileno(), errors.fileno())
            try:
                code = self._outcome(timeout)
            except TimeoutError as error:
                raise subprocess.TimeoutExpired(command, timeout, _text(out), _text(errors)) from error
            return subprocess.CompletedProcess(command, code, _text(out), _text(errors))

    def _send(self, asked: dict[str, Any], *files: int) -> None:
        message = json.dumps(asked).encode()
        assert len(message) < _LONGEST
        self._channel.settimeout(None)
        socket.send_fds(self._channel, [message], list(files))

    def _outcome(self, timeout: float) -> int:
        """Return the process's return code."""
        pid = int(self._channel.recv(_LONGEST))
        self._channel.settimeout(timeout)
        try:
            return int(self._channel.recv(_LONGEST))
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._channel.settimeout(None)
            self._channel.recv(_LONGEST)
            raise


@contextmanager
def running_forker() -> Iterator[Forker]:
    """Run the process that others are forked off."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-m", "tests.fakes.forking", str(its.fileno())]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()]), ours:
        its.close()
        yield Forker(ours)


def _beginning(names: set[str]) -> list[str]:
    return [name for name in names if name.startswith(_BEGIN)]


def _text(file: Any) -> str:
    file.seek(0)
    return str(file.read().decode("utf-8"))


def _serve(channel: socket.socket) -> dict[str, Any] | None:
    """Fork a process for each request; return the request in each of these, and None at the end."""
    while True:
        message, files, _, _ = socket.recv_fds(channel, _LONGEST, 2)
        if not message:
            return None
        gc.freeze()
        pid = os.fork()
        if not pid:
            for ours, its in zip(files, (1, 2), strict=True):
                os.dup2(ours, its)
                os.close(ours)
            channel.close()
            asked: dict[str, Any] = json.loads(message)
            return asked
        for file in files:
            os.close(file)
        channel.send(str(pid).encode())
        channel.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def _modules() -> Iterator[str]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not name.startswith(NOT_IMPORTED) and path.stem != "__main__":
                yield name


def _main() -> None:
    for name in (*IMPORTED, *_modules()):
        importlib.import_module(name)
    asked = _serve(socket.socket(fileno=int(sys.argv[1])))
    if asked is None:
        return
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["cwd"])
    sys.path[0] = asked["cwd"]
    sys.argv = [sys.argv[0], *asked["arguments"]]
    os._exit(_outcome(asked["module"]))


def _outcome(module: str) -> int:
    """Run a module to its end and return the process's return code; only that memory is not given back is left out."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code: object = 0
    except SystemExit as error:
        code = error.code
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    _main()
