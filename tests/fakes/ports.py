"""Ports for servers that are started by their number, and may be killed and started again."""

from __future__ import annotations

import itertools
import os
import random
import socket

# Below those that the kernel hands out (32768 and up): one of them, looked up and let go of, is given to the next
# connection of any process before the server binds it, or while it is down.
_FIRST, _LANES, _WIDTH = 12_000, 20, 1_000


def _numbers() -> itertools.cycle[int]:
    """Return this process's ports: each worker of a run has a lane; runs beside each other begin elsewhere in it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = _FIRST + int(worker) % _LANES * _WIDTH
    start = random.randrange(_WIDTH)
    return itertools.cycle([first + (start + i) % _WIDTH for i in range(_WIDTH)])


_NUMBERS = _numbers()


def free_port() -> int:
    """Return a port that nobody listens on, and that nobody is given but whoever asks for it by number."""
    for number in itertools.islice(_NUMBERS, _WIDTH):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            return number
    raise RuntimeError(f"all ports of this lane are taken, around {next(_NUMBERS)}")
