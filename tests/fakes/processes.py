"""Processes that tests start: how they end, and what can be seen of those that may end at any moment."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import psutil


def end(*processes: subprocess.Popen[Any], seconds: float = 120.0) -> None:
    """Ask processes to end, and kill those that do not, so that none of them goes on beside other tests.

    Args:
        processes: may have ended already.
        seconds: for all of them together.

    Raises:
        AssertionError: one had to be killed.
    """
    for process in processes:
        if process.poll() is None:
            process.terminate()
    until, hung = time.monotonic() + seconds, []
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            hung.append(process.args)
    assert not hung, f"{hung} did not end when asked to"


def is_gone(process: psutil.Process | int) -> bool:
    """Return whether a process runs no more; it may end between two looks at it."""
    try:
        found = psutil.Process(process) if isinstance(process, int) else process
        return not found.is_running() or found.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def command_of(process: psutil.Process) -> list[str]:
    """Return the command line of a process; empty: it has ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []
