"""Every stream says that it is at work while it has nothing else to say, and tells when it has ended."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator

import pytest
from starlette.types import Message

from assistant.api import events
from assistant.api.events import STILL_AT_WORK, event, event_stream


@pytest.mark.parametrize("watched", [False, True])
def test_a_silent_stream_says_that_it_is_at_work(monkeypatch: pytest.MonkeyPatch, watched: bool) -> None:
    monkeypatch.setattr(events, "ALIVE_SECONDS", 0.05)
    heard = threading.Event()

    def silent() -> Iterator[str]:
        assert heard.wait(30)
        yield "data: at last\n\n"

    async def read() -> list[object]:
        got: list[object] = []
        async for text in event_stream(silent(), still=(lambda: True) if watched else None).body_iterator:
            got.append(text)
            heard.set()
        return got

    got = asyncio.run(read())
    assert got[0] == STILL_AT_WORK
    assert got[-1] == "data: at last\n\n"


def test_a_stream_that_is_never_sent_has_ended_as_well() -> None:
    ended: list[bool] = []

    async def receive() -> Message:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    async def send(_: Message) -> None:
        raise OSError("the connection is closed")

    response = event_stream(iter(["data: never\n\n"]), on_end=lambda: ended.append(True))
    with pytest.raises(OSError, match="closed"):
        asyncio.run(response({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send))
    assert ended == [True]


def test_no_client_finds_the_end_of_a_line_in_a_text() -> None:
    data = {"delta": "a\u2028b\u2029c\x85d\ud800"}  # httpx and requests end lines at the first three
    first, second = event("text", data).splitlines()[:2]
    assert first == "event: text"
    assert json.loads(second.removeprefix("data: ")) == data
