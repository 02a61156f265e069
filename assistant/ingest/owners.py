"""Names the process that works on a job, so that the work of a process that is gone can be taken over at once."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path

_SELF = uuid.uuid4().hex[:8]
_ENDED: set[str] = set()  # workers of this process that ended, and could not give back what they held


def new_worker() -> str:
    """Return a name for one worker of this process: its jobs are not those of the worker in the next thread."""
    return f"{this_process()}/{uuid.uuid4().hex[:8]}"


def this_process() -> str:
    """Return the name of this process: host, process id, start time, and a word that is new in every interpreter."""
    return f"{socket.gethostname()}/{os.getpid()}/{_start_time(os.getpid())}/{_SELF}"


def ended(owner: str) -> None:
    """Note that a worker of this process ended and could not give back what it held: that is taken from it."""
    _ENDED.add(owner)


def given_back(owner: str) -> None:
    """Forget a worker that ended: nothing is held under its name any more."""
    _ENDED.discard(owner)


def has_ended(owner: str) -> bool:
    """Whether the worker is one of this process that ended by itself, and not over what it was at."""
    return owner in _ENDED


def is_here(owner: str) -> bool:
    """Whether the process or worker is one of this host, so that it can be told whether it is alive."""
    return owner.split("/", maxsplit=1)[0] == socket.gethostname()


def may_be_alive(owner: str) -> bool:
    """Whether the process or worker called `owner` may still be at work; False only if it is known to have ended."""
    if owner in _ENDED:
        return False
    parts = owner.split("/")
    if len(parts) < 4 or not is_here(owner):
        return True
    pid, started, word = int(parts[1]), parts[2], parts[3]
    if pid == os.getpid():
        return word == _SELF
    return _start_time(pid) == started != ""


def _start_time(pid: int) -> str:
    """Return the kernel's start time of the process, empty if there is none; tells a reused pid from the old one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return _portable_start_time(pid)
    return stat.rpartition(")")[2].split()[19]


def _portable_start_time(pid: int) -> str:
    """Do the same where there is no /proc: only that the process exists can be told."""
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "exists"
    return "exists"
