"""What is held on a person: handed out to the person, and erased."""

from __future__ import annotations

from assistant.personal.desk import Erased, NothingRecorded, PersonalDesk, Recorded
from assistant.personal.held import Held, held

__all__ = ["Erased", "Held", "NothingRecorded", "PersonalDesk", "Recorded", "held"]
