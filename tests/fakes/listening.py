"""An application on a free port of this machine, for tests whose client is to meet a real connection."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

START_SECONDS = 60
# longer than any client of a test keeps a connection: uvicorn's own 5 s are httpx's as well, so that a request which
# is sent after so long can meet a server that hangs up
KEPT_SECONDS = 600


@contextmanager
def listening(application: Any, port: int = 0, **options: Any) -> Iterator[str]:
    """Serve an ASGI application as long as the block lasts; what is still open at its end is broken off.

    Args:
        application: what answers.
        port: where; 0 takes a free one.
        options: of `uvicorn.Config`, in the place of those that are set here.

    Yields:
        Its URL, once it answers.
    """
    defaults = {"lifespan": "off", "log_config": None, "ws": "none", "timeout_keep_alive": KEPT_SECONDS}
    server = uvicorn.Server(uvicorn.Config(application, host="127.0.0.1", port=port, **(defaults | options)))
    thread = threading.Thread(target=server.run, name="listening", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive(), f"nothing could be served on port {port}"
            assert time.monotonic() < deadline, "the application was not served in time"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        deadline = time.monotonic() + START_SECONDS
        while thread.is_alive() and any(one.sockets for one in server.servers):
            assert time.monotonic() < deadline, "the port is still listened on"
            time.sleep(0.01)
        thread.join(10)  # an answer that waits for what does not come holds the thread up, and nobody else
