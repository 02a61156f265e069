"""Ends a stream soon after its reader's sign-in has ended, or the reader's rights are others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from fastapi.concurrency import run_in_threadpool

LOOK_SECONDS = 1.0


async def watched(
    texts: AsyncIterator[str], still: Callable[[], bool], every: float = LOOK_SECONDS
) -> AsyncIterator[str | None]:
    """Yield the texts while `still` returns True; then None and no more, also where the next one is still waited for.

    Args:
        texts: what is sent.
        still: whether the reader may go on; it is asked in a thread, and may raise.
        every: seconds between two looks.

    Raises:
        what `still` raises.
    """
    loop = asyncio.get_running_loop()
    iterator = aiter(texts)
    coming: asyncio.Future[str | None] | None = None
    due = loop.time() + every
    try:
        while True:
            if coming is None:
                coming = asyncio.ensure_future(_next(iterator))
            await asyncio.wait({coming}, timeout=max(0.0, due - loop.time()))
            if loop.time() >= due:
                if not await run_in_threadpool(still):
                    yield None
                    return
                due = loop.time() + every
            if coming.done():
                text, coming = coming.result(), None
                if text is None:
                    return
                yield text
    finally:
        if coming is not None:
            coming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await coming
        close = getattr(iterator, "aclose", None)
        if close is not None:
            await close()


async def _next(iterator: AsyncIterator[str]) -> str | None:
    return await anext(iterator, None)
