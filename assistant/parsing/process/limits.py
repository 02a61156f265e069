"""What a parser process takes away from itself before it reads a stranger's bytes."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys
from collections.abc import Iterator

from assistant.parsing.deadline import deadline

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MAX_FILES = 256
_MAX_FILE_BYTES = 2_000_000_000


def confine(memory_bytes: int, parent: int, *, network: bool = False) -> None:
    """Limit this process's memory and files, tie its life to its parent's, and take its network away unless `network`.

    The network goes where the kernel lets this user make a network namespace (Linux; as root or with user namespaces);
    elsewhere it stays, and only the parsers' own settings keep them off it.

    Args:
        memory_bytes: limit of the address space.
        parent: the process id of the parent, which must still be there.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, _MAX_FILES)
    # parsers write no files, plugins may; Python ignores the signal, so that a write over it fails as other ones do
    _lower(resource.RLIMIT_FSIZE, _MAX_FILE_BYTES)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if not network and libc.unshare(_CLONE_NEWNET) != 0:
            libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    _lower(resource.RLIMIT_AS, memory_bytes)
    if os.getppid() != parent:  # it died before the kernel was told to tell us
        sys.exit(0)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
    # macOS knows RLIMIT_AS but refuses to set it: the time limits still hold there.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (bounded, bounded))


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Let the kernel end this process where one document takes too long, whether or not the parent still watches.

    Args:
        seconds: CPU seconds, and with a little grace (the parent acts first and knows the document) wall-clock seconds.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = math.ceil(spent + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (allowed if hard == resource.RLIM_INFINITY else min(allowed, hard), hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds + 5)
    try:
        with deadline(seconds):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def resident_bytes() -> int:
    """Return the memory this process holds now; where the system does not tell, the most it ever held."""
    try:
        with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123 (before heavy imports)
            return int(stream.read().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
