"""Noted by every Python process of a test: each address beyond this machine that it looks up, connects or sends to."""

from __future__ import annotations

import os
import sys
from typing import Any

_PLACES = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
_HERE = ("127.", "localhost", "::1", "0.0.0.0")  # noqa: S104 (compared, not bound)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _PLACES:
        return
    place = arguments[_PLACES[event]]
    host = place[0] if isinstance(place, tuple) else place
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not isinstance(host, str) or not host or host.startswith(_HERE) or "/" in host:  # a path is a Unix socket
        return
    line = f"{event} {host} by {' '.join(sys.argv)[:200]}\n"
    with open(os.environ["ASSISTANT_TEST_ATTEMPTS"], "a", encoding="utf-8") as file:  # noqa: PTH123
        file.write(line)


sys.addaudithook(_note)
