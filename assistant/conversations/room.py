"""The room for answers: how many of them a process writes at once, in conversations and outside of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.errors import ModelOverloadedError


class Room:
    """Safe to use from several threads.

    Args:
        most: how many answers have a place.
    """

    def __init__(self, most: int) -> None:
        self._most, self._taken = most, 0
        self._lock = threading.RLock()  # a stream that the garbage collector closes may give its place back meanwhile

    def take(self) -> Callable[[], None]:
        """Take an answer's place; what is returned gives it back, once, however often it is called.

        Raises:
            ModelOverloadedError: all are taken.
        """
        with self._lock:
            if self._taken >= self._most:
                raise ModelOverloadedError(f"{self._most} answers are under way already", "ask again in a moment")
            self._taken += 1
        has_it = True

        def give_back() -> None:
            nonlocal has_it
            with self._lock:
                self._taken -= has_it
                has_it = False

        return give_back

    @property
    def taken(self) -> int:
        """How many answers have one now."""
        return self._taken

    @contextmanager
    def place(self) -> Iterator[Callable[[], None]]:
        """Take an answer's place as `take` does, and give it back by itself where what follows fails.

        Raises:
            ModelOverloadedError: as `take`.
        """
        give_back = self.take()
        try:
            yield give_back
        except BaseException:
            give_back()
            raise
