"""Kills the work at a call of the test's choice, as -9 would."""

from __future__ import annotations

import itertools
from collections.abc import Callable


class Killed(BaseException):
    """Plays kill -9: no handler of the code under test may catch it."""


def killing(real: Callable[..., object], count: int, *, after: bool) -> Callable[..., object]:
    calls = itertools.count(1)

    def call(*args: object, **kwargs: object) -> object:
        last = next(calls) == count
        if last and not after:
            raise Killed
        result = real(*args, **kwargs)
        if last:
            raise Killed
        return result

    return call
