"""Does work in threads a little ahead of who takes its results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def ahead(do: Callable[[Item], Result], items: Iterable[Item], threads: int, name: str) -> Iterator[Result]:
    """Yield `do` of each item, in order, while `threads` are at work on those that follow.

    Args:
        do: safe to call from several threads; what it raises is raised here.
        items: taken one by one as there is room: where they end early, what was begun is still yielded.
        threads: how many.
        name: what they are called.
    """
    with ThreadPoolExecutor(threads, thread_name_prefix=name) as pool:
        begun: deque[Future[Result]] = deque()
        try:
            for item in items:
                begun.append(pool.submit(copy_context().run, do, item))  # what it logs says what it belongs to
                if len(begun) > 2 * threads:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            for future in begun:
                future.cancel()
