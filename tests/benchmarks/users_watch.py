"""Watches processes while `users_load` runs: memory and threads over time, processor seconds, what the machine did."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import psutil

WARM = 0.2  # of the time: caches fill, threads and connections begin; slopes count from then on
Sample = dict[str, Any]


class Watch:
    """Looks at processes and all below them every few seconds, from `with` on.

    Args:
        roots: processes by name; those below are named by what they run.
        every: seconds between two looks.
    """

    def __init__(self, roots: Mapping[str, int], every: float) -> None:
        self._roots, self._every = roots, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._began = time.monotonic()
        self._before = _machine()
        self.samples: list[Sample] = []

    def __enter__(self) -> Self:
        self._began, self._before = time.monotonic(), _machine()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def report(self) -> dict[str, Any]:
        """Return memory at the beginning and the end, its slope, and processor seconds, by process."""
        names = sorted({name for sample in self.samples for name in sample["processes"]})
        return {
            "processes": {name: self._of(name) for name in names},
            "machine_cpu_seconds": {name: round(now - self._before[name], 1) for name, now in _machine().items()},
            "load_average": [sample["load"] for sample in self.samples[:: max(1, len(self.samples) // 10)]],
        }

    def _of(self, name: str) -> dict[str, float | int]:
        points = [(one["at"], one["processes"][name]) for one in self.samples if name in one["processes"]]
        first, last = points[0][1], points[-1][1]
        return {
            "own_mb_first": first["own_mb"],
            "own_mb_most": max(one["own_mb"] for _, one in points),
            "own_mb_last": last["own_mb"],
            "resident_mb_last": last["resident_mb"],
            "own_mb_per_minute": slope([(at, one["own_mb"]) for at, one in points]),
            "resident_mb_per_minute": slope([(at, one["resident_mb"]) for at, one in points]),
            "cpu_seconds": round(last["cpu_seconds"] - first["cpu_seconds"], 1),
            "threads_most": max(one["threads"] for _, one in points),
            "files_last": last["files"],
        }

    def _run(self) -> None:
        while True:
            self.samples.append(self._sample())
            if self._over.wait(self._every):
                self.samples.append(self._sample())
                return

    def _sample(self) -> Sample:
        seen: dict[str, dict[str, Any]] = {}
        for name, number in self._roots.items():
            for process in _with_children(number):
                with contextlib.suppress(psutil.NoSuchProcess):  # it ended just now
                    told = name if process.pid == number else f"{name}: {_named(process.cmdline())}"
                    _add(seen, told, process)
        at = round(time.monotonic() - self._began, 1)
        return {"at": at, "load": round(os.getloadavg()[0], 1), "processes": seen}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return by how much a figure grows a minute once it is warm: the straight line with the least squares."""
    warm = [(at, value) for at, value in points if at >= WARM * points[-1][0]]
    if len(warm) < 3:
        return 0.0
    times, values = np.array(warm).T
    return round(60 * float(np.polyfit(times, values, 1)[0]), 3)


def _with_children(number: int) -> list[psutil.Process]:
    """Return a process and all below it; none where it has ended."""
    try:
        root = psutil.Process(number)
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _add(seen: dict[str, dict[str, Any]], called: str, process: psutil.Process) -> None:
    """Add what a process has; several of the same kind count as one."""
    with process.oneshot():
        times = process.cpu_times()
        told: dict[str, float] = {
            "own_mb": _own(process.pid),
            "resident_mb": round(process.memory_info().rss / 1e6, 1),
            "cpu_seconds": round(times.user + times.system, 1),
            "threads": process.num_threads(),
            "files": process.num_fds(),
        }
    row = seen.setdefault(called, {})
    for name, value in told.items():
        row[name] = round(row.get(name, 0) + value, 1)


def _own(number: int) -> float:
    """Return the memory of a process without the files that it maps: who else maps those changes what is its alone."""
    try:
        lines = Path(f"/proc/{number}/status").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise psutil.NoSuchProcess(number) from error
    found = [line.split()[1] for line in lines if line.startswith("RssAnon:")]
    return round(int(found[0]) * 1024 / 1e6, 1) if found else 0.0


def _named(command: Sequence[str]) -> str:
    """Return what a process runs in a word or two."""
    if "streamlit" in command:
        return "web UI"
    if "-m" in command[:-1]:
        return command[command.index("-m") + 1].removeprefix("assistant.").partition(".")[0]
    words = " ".join(command)
    return "resource tracker" if "resource_tracker" in words else "parser" if "spawn" in words else words[:40]


def _machine() -> dict[str, float]:
    """Return the seconds that all cores worked, by priority, and that they had nothing to do."""
    times = psutil.cpu_times()
    return {"at work": times.user + times.system, "at work for the nice": times.nice, "idle": times.idle}
