"""Every stream says that it is at work while it has nothing else to say."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from assistant.api import events
from assistant.api.events import STILL_AT_WORK, event_stream


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
