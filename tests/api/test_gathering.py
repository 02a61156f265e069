"""What is sent as a whole is made elsewhere, and ends when its client leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from starlette.types import Message

from assistant.api.gathering import gathered


async def _stays() -> Message:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


async def _leaves() -> Message:
    return {"type": "http.disconnect"}


def test_all_texts_are_one_and_nothing_is_stopped() -> None:
    left: list[bool] = []
    assert asyncio.run(gathered(iter(["a", "b", "c"]), _stays, lambda: left.append(True))) == "abc"
    assert left == []


def test_what_goes_wrong_is_raised() -> None:
    def broken() -> Iterator[str]:
        yield "a"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(gathered(broken(), _stays, lambda: None))


def test_who_leaves_stops_what_is_made() -> None:
    stopped = threading.Event()

    def until_stopped() -> Iterator[str]:
        assert stopped.wait(30)
        yield "what had come"

    assert asyncio.run(gathered(until_stopped(), _leaves, stopped.set)) == "what had come"
