"""Makes an answer that is sent as a whole: in a thread of its own, and no further once its client has left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from fastapi.concurrency import run_in_threadpool
from starlette.types import Receive

from assistant.api.relay import relayed


async def gathered(texts: Iterator[str], receive: Receive, on_leave: Callable[[], None]) -> str:
    """Return the texts as one; they are made as `relayed` says, so that no request waits for the thread that does it.

    Args:
        texts: raise what the caller is told as the request's status.
        receive: the request's, after its body was read: what comes then is that the client leaves.
        on_leave: lets the texts come to their end soon; it is called in a thread, when the client has left.
    """
    making = asyncio.ensure_future(_whole(texts))
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait({making, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not making.done():
            await run_in_threadpool(on_leave)
        return await making
    finally:
        making.cancel()
        leaving.cancel()


async def _whole(texts: Iterator[str]) -> str:
    return "".join([text async for text in relayed(texts)])


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
