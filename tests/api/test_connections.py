"""A connection that sends no request, or never the end of one, does not stay."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.api import connections
from tests.fakes.listening import listening

SECONDS = 2.0
LONGER = 10.0  # for a header that is to be taken, on a machine that has other work


async def _application(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEADER_SECONDS", SECONDS)
    with listening(_application, http=connections.TimedProtocol) as url:
        yield int(url.rpartition(":")[2])


def lasts(port: int, first: bytes, drip: bytes = b"") -> float:
    """Return for how many seconds a connection stays that sends this."""
    began = time.monotonic()  # the server may begin to count before the client has its connection
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(first)
        connection.settimeout(SECONDS / 4)
        while time.monotonic() - began < 60:
            try:
                if not connection.recv(1000):
                    break
            except TimeoutError:
                if drip:
                    connection.sendall(drip)
            except ConnectionError:
                break
        return time.monotonic() - began


def answered(connection: socket.socket) -> bool:
    """Whether the whole answer comes; it may come in two parts."""
    got = b""
    while not got.endswith(b"ok") and (part := connection.recv(1000)):
        got += part
    return got.endswith(b"ok")


@pytest.mark.parametrize(("first", "drip"), [(b"", b""), (b"GET / HT", b""), (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n")])
def test_a_header_that_does_not_end_ends_the_connection(port: int, first: bytes, drip: bytes) -> None:
    assert SECONDS * 0.9 < lasts(port, first, drip) < 59


def test_requests_are_answered_one_after_the_other_whenever_they_come(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", LONGER)
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
            time.sleep(SECONDS / 20)
            connection.sendall(b"\r\n")
            assert answered(connection)
            time.sleep(LONGER * 1.2)  # longer than a header may take: this is keep-alive's time


def test_a_body_may_take_longer_than_a_header(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", LONGER)
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        time.sleep(LONGER * 1.2)
        connection.sendall(b"b")
        assert answered(connection)


def test_headers_have_a_size(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEADER_SECONDS", LONGER)
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        many = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 100) for number in range(2000))
        connection.sendall(b"GET / HTTP/1.1\r\n" + many)
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
