"""What a planted bug is, and ways to put one in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from assistant.types import LOCAL_OPERATOR, User
from tests.access.world import World

Plant = Callable[[pytest.MonkeyPatch], None]
Act = Callable[[World], None]


@dataclass(frozen=True)
class Mutation:
    """A bug.

    Attributes:
        name: what it is.
        plant: puts it in.
        ways: on which it shows.
        act: what has to happen before it shows, beside what has happened already.
        spoils: whether the house is another afterwards than its model.
    """

    name: str
    plant: Plant
    ways: tuple[str, ...] = ()
    act: Act | None = None
    spoils: bool = False


def as_operator(owner: Any, name: str) -> Plant:
    """Return what makes a method do its work as the operator, whoever asks."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        real = getattr(owner, name)

        def method(*args: Any, **named: Any) -> Any:
            given = [LOCAL_OPERATOR if isinstance(one, User) else one for one in args]
            named = {key: LOCAL_OPERATOR if isinstance(one, User) else one for key, one in named.items()}
            return real(*given, **named)

        patch.setattr(owner, name, method)

    return plant


def becomes(owner: Any, name: str, value: Any) -> Plant:
    """Return what puts something else in the place of a function."""
    return lambda patch: patch.setattr(owner, name, value)


def both(*plants: Plant) -> Plant:
    """Return what puts in several."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        for one in plants:
            one(patch)

    return plant
