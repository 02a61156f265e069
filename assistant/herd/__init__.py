"""The models that this assistant may ask: who may use which, and which one a question goes to."""

from assistant.herd.herd import Herd, Member, Room, Route, answer_room
from assistant.herd.overseeing import Standing, Trial, Written, standings, tried

__all__ = ["Herd", "Member", "Room", "Route", "Standing", "Trial", "Written", "answer_room", "standings", "tried"]
