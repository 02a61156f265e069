"""So many answers have a place, each one; a place is given back once."""

from __future__ import annotations

import pytest

from assistant.conversations.room import Room
from assistant.errors import ModelOverloadedError


def test_as_many_have_a_place_as_there_are() -> None:
    room = Room(2)
    first, _ = room.take(), room.take()
    with pytest.raises(ModelOverloadedError, match="2 answers are under way"):
        room.take()
    first()
    first()
    room.take()
    with pytest.raises(ModelOverloadedError):
        room.take()


def test_what_fails_keeps_no_place() -> None:
    room = Room(1)
    with pytest.raises(ValueError, match="broken"), room.place():
        raise ValueError("broken")
    with room.place():
        pass
    with pytest.raises(ModelOverloadedError):
        room.take()
