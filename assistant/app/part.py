"""A part of the assistant that is made when it is used first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Owner(Protocol):
    """Has parts."""

    making: threading.RLock


Whole = TypeVar("Whole", bound=Owner)
T = TypeVar("T")


class Part(Generic[Whole, T]):
    """A part that is made when it is first used, once, however many threads ask for it at the same time.

    Not `functools.cached_property`: since Python 3.12 two threads may both make the value, here two owners of an index.
    """

    def __init__(self, make: Callable[[Whole], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, owner: Whole, kind: type[Whole]) -> T:
        with owner.making:
            made = vars(owner)  # found there from now on, without coming here again
            if self._name not in made:
                made[self._name] = self._make(owner)
            part: T = made[self._name]
        return part
