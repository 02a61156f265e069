"""Texts come whole and in order, whoever is quicker; whoever leaves ends the making."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest

from assistant.api.relay import relayed


def numbers(count: int, ended: threading.Event, *, fail: bool = False, slow: float = 0) -> Iterator[str]:
    try:
        for number in range(count):
            time.sleep(slow)
            yield f"{number} "
        if fail:
            raise ValueError("broken")
    finally:
        ended.set()


def expected(count: int) -> str:
    return "".join(f"{number} " for number in range(count))


@pytest.mark.parametrize(("slow_maker", "slow_reader"), [(0.002, 0.0), (0.0, 0.002), (0.0, 0.0)])
def test_every_text_comes_once_and_in_order(slow_maker: float, slow_reader: float) -> None:
    async def read() -> list[str]:
        got = []
        async for text in relayed(numbers(300, ended, slow=slow_maker)):
            got.append(text)
            await asyncio.sleep(slow_reader)
        return got

    ended = threading.Event()
    got = asyncio.run(read())
    assert "".join(got) == expected(300)
    assert ended.wait(60)
    if slow_reader:
        assert len(got) < 100  # those that wait come together


def test_no_more_is_made_than_is_read() -> None:
    made: list[int] = []

    def endless() -> Iterator[str]:
        for number in range(10**9):
            made.append(number)
            yield "x"

    async def read() -> int:
        texts = relayed(endless())
        await anext(texts)
        await asyncio.sleep(0.2)
        ahead = len(made)
        await texts.aclose()  # type: ignore[attr-defined]
        return ahead

    ahead = asyncio.run(read())
    assert ahead < 500
    time.sleep(0.1)
    stopped = len(made)
    time.sleep(0.1)
    assert len(made) == stopped


def test_what_goes_wrong_is_raised_behind_what_had_come() -> None:
    async def read() -> None:
        async for text in relayed(numbers(5, threading.Event(), fail=True)):
            got.append(text)  # noqa: PERF401 (it is raised in the middle)

    got: list[str] = []
    with pytest.raises(ValueError, match="broken"):
        asyncio.run(read())
    assert "".join(got) == expected(5)


def test_who_leaves_ends_the_making() -> None:
    async def leave() -> None:
        texts = relayed(numbers(10**6, ended, slow=0.001))
        await anext(texts)
        await texts.aclose()  # type: ignore[attr-defined]

    ended = threading.Event()
    asyncio.run(leave())
    assert ended.wait(60)


def test_while_none_comes_that_is_said_again_and_again() -> None:
    heard = threading.Event()

    def slow() -> Iterator[str]:
        yield "first "
        assert heard.wait(120)
        yield "last"

    async def read() -> list[str]:
        got = []
        async for text in relayed(slow(), "idle ", 0.05):
            got.append(text)
            # what came before the first text does not count: a slow thread has some of those
            if "first " in got and got[got.index("first ") :].count("idle ") == 3:
                heard.set()
        return got

    got = asyncio.run(read())
    said = got[got.index("first ") :]
    assert (said[:4], said[-1]) == (["first ", "idle ", "idle ", "idle "], "last")
    assert set(got) == {"first ", "idle ", "last"}
