"""Processes that are watched as a service manager would: one that ends is noted, and started again after a second."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

RESTART_SECONDS = 1.0
_STOP_SECONDS = 60.0


@dataclass
class Process:
    """A command, in a session of its own.

    Args:
        name: of its log.
        command: what is run.
        variables: its environment.
        folder: takes its log.
        whole: whether what it started is killed with it; else that has to notice by itself.
    """

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]
    folder: Path
    whole: bool = False
    held: bool = False  # whether it is down on purpose
    _running: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                self.command, env=dict(self.variables), stdout=log, stderr=log, start_new_session=True
            )
        self.held = False

    def kill(self) -> None:
        """Kill it with -9."""
        running = self._running
        if running is None:
            return
        with suppress(ProcessLookupError):
            if self.whole:
                os.killpg(running.pid, signal.SIGKILL)
            else:
                running.kill()
        running.wait(_STOP_SECONDS)

    def hold(self) -> None:
        """Kill it, and let nobody start it again until `start`."""
        self.held = True
        self.kill()

    def ask_to_end(self) -> None:
        """Ask it to end; `end` waits for it."""
        self.held = True
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()

    def end(self) -> bool:
        """Wait until it has ended, and kill what is left of its session. Returns whether it had to be killed."""
        running = self._running
        if running is None:
            return False
        hung = False
        try:
            running.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            hung = True
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait(_STOP_SECONDS)
        return hung

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs, or was never started."""
        return None if self._running is None else self._running.poll()

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._running is not None
        return self._running.pid


@dataclass
class Watchdog:
    """Starts again what ended, as long as it is not held.

    Args:
        processes: what it looks after.
    """

    processes: Sequence[Process]
    ended: list[str] = field(default_factory=list)  # what ended without being killed
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Start nothing any more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            for process in self.processes:
                code = process.exit_code
                if code is None or process.held:
                    continue
                if code != -signal.SIGKILL:
                    self.ended.append(f"{process.name} (exit {code})")
                time.sleep(RESTART_SECONDS)
                if not self._over.is_set() and not process.held:
                    process.start()
