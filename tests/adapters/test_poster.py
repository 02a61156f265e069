"""Requests to addresses that somebody named: where they may go, and that they end."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from assistant.adapters import poster
from assistant.adapters.poster import Poster
from tests.fakes.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


def test_a_line_of_the_answer_is_kept_whatever_its_length(receiver: Receiver) -> None:
    receiver.body, receiver.status, receiver.headers = b"\n\nno\x07pe " + b"x" * 10_000_000, 503, {"Retry-After": "7"}
    posted = Poster(("127.0.0.1",), 20.0, "there").post(receiver.url, b"{}", {"webhook-id": "m"})
    assert (posted.status, posted.retry_after, len(posted.line)) == (503, 7.0, 200)
    assert posted.line.startswith("no�pe xxx")
    assert (receiver.ids(), receiver.came[0][1]) == (["m"], b"{}")


def test_a_private_host_is_not_asked_unless_it_is_allowed(receiver: Receiver) -> None:
    posted = Poster((), 20.0, "ASSISTANT_WEBHOOK_HOSTS").post(receiver.url, b"", {})
    assert (posted.status, receiver.came) == (None, [])
    assert "private network" in posted.line
    assert "ASSISTANT_WEBHOOK_HOSTS" in posted.line


def test_metadata_of_clouds_is_never_asked() -> None:
    posted = Poster(("169.254.169.254.nip.example", "localhost"), 5.0, "there").post("http://169.254.169.254/", b"", {})
    assert posted.status is None
    assert "private network" in posted.line


@pytest.mark.parametrize("url", ["ftp://example.org/", "example.org", "http://[::1", ""])
def test_what_is_no_address_is_said(url: str) -> None:
    assert Poster((), 5.0, "there").post(url, b"", {}).line == "this is no address of http or https"


def test_a_receiver_that_says_a_letter_at_a_time_is_left() -> None:
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)  # where nobody comes, the thread ends too

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not over.wait(0.1):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        posted = Poster(("127.0.0.1",), 1.0, "there").post(url, b"", {})
        over.set()
        thread.join()
    assert (posted.status, posted.line) == (None, "no answer within 1 s")


def test_a_silent_address_leaves_time_for_the_next_one(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    port = httpx.URL(receiver.url).port
    with socket.socket() as silent, contextlib.ExitStack() as waiting:
        silent.bind(("127.0.0.2", port))
        silent.listen(0)
        for _ in range(4):  # they fill its queue: who comes next gets no answer to the first packet
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        monkeypatch.setattr(poster, "reachable", lambda *_: iter(["127.0.0.2", "127.0.0.1"]))
        posted = Poster(("127.0.0.1",), 15.0, "there").post(receiver.url, b"{}", {"webhook-id": "m"})
    assert (posted.status, receiver.ids()) == (200, ["m"])
