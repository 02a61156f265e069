"""Where a request comes from, and what there is to say of it: known in its context, told by whatever is at work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from assistant.catalog import Origin


@dataclass(slots=True)
class Notes:
    """What is recorded of a request beside its action.

    Attributes:
        who: the id of whoever does it, where the request itself does not say so yet: it signs somebody in.
        documents: ids of the documents that it showed.
        details: JSON, for whoever did it.
        subject: the id of another person to whom it was done.
        about: JSON on that person.
    """

    who: str = ""
    documents: set[str] = field(default_factory=set)
    details: dict[str, Any] = field(default_factory=dict)
    subject: str = ""
    about: dict[str, Any] = field(default_factory=dict)


_UNKNOWN = Origin()
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=_UNKNOWN)
_notes: ContextVar[Notes | None] = ContextVar("audit_notes", default=None)


def origin_now() -> Origin:
    """Return where the request that is at work comes from."""
    return _origin.get()


def note(documents: Iterable[str] = (), **details: Any) -> None:
    """Say more of the request that is at work; where none is recorded, it goes nowhere."""
    notes = _notes.get()
    if notes is not None:
        notes.documents.update(documents)
        notes.details.update(details)


def note_person(*, who: str = "", subject: str = "", **about: Any) -> None:
    """Say who does what is at work, as far as only that knows (a sign-in), or to whom it is done, and what."""
    notes = _notes.get()
    if notes is not None:
        notes.who, notes.subject = who or notes.who, subject or notes.subject
        notes.about.update(about)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Say where what is done within comes from."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@contextmanager
def noting() -> Iterator[Notes]:
    """Take the notes of what is done within, in threads that got this context too."""
    notes = Notes()
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)
