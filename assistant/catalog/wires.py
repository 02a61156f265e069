"""Has a connection to Postgres notice within half a minute that the machine at its other end is gone.

Linux by itself sends what nobody acknowledges again and again for a quarter of an hour, and asks on a connection where
nothing is sent after two hours: for so long, requests would wait and hold their connections of the pool.
"""

from __future__ import annotations

import errno
import socket
from typing import Any

CONNECT_SECONDS = 10.0
UNACKNOWLEDGED_SECONDS = 15
_OPTIONS = (
    ("TCP_KEEPIDLE", 10),
    ("TCP_KEEPINTVL", 5),
    ("TCP_KEEPCNT", 3),
    ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_SECONDS * 1000),
)
_LOST = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN}


def watch(connection: Any) -> None:
    """Set the limits on the socket of pg8000's `connection`, which no longer limits how long a statement takes.

    A Unix socket has no machine between its ends, and other drivers take such options in their URL.
    """
    wire = getattr(connection, "_usock", None)  # pg8000 has no other way to reach it once TLS is on
    if wire is None:
        return
    wire.settimeout(None)  # `CONNECT_SECONDS` was for the connecting
    if wire.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS:
        option = getattr(socket, name, None)  # not every platform has each
        if option is not None:
            wire.setsockopt(socket.IPPROTO_TCP, option, value)


def is_lost(error: OSError) -> bool:
    """Whether the operating system gave the connection up: pg8000 passes its error on as it is."""
    return isinstance(error, ConnectionError | TimeoutError) or error.errno in _LOST
