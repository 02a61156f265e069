"""Who did what: records it before anybody sees what came of it, and shows it to those who may know."""

from __future__ import annotations

from assistant.audit.desk import AuditDesk
from assistant.audit.files import verify_file, write_lines
from assistant.audit.noting import Notes, coming_from, note, note_person, noting, origin_now
from assistant.audit.recorder import Recorder
from assistant.audit.witness import AnswerWitness

__all__ = [
    "AnswerWitness",
    "AuditDesk",
    "Notes",
    "Recorder",
    "coming_from",
    "note",
    "note_person",
    "noting",
    "origin_now",
    "verify_file",
    "write_lines",
]
