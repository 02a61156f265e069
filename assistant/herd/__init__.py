"""The models that this assistant may ask: who may use which, and which one a question goes to."""

from assistant.herd.herd import Herd, Member, Room, Route, answer_room

__all__ = ["Herd", "Member", "Room", "Route", "answer_room"]
