"""A number that grows with every change of what anybody may find: what was searched before it is out of date."""

from __future__ import annotations

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from assistant.catalog.models import GenerationRow

DOCUMENTS = "documents"

# both SQLite and Postgres know it; SQLAlchemy has a construct for each, and none for the two
_NEXT = text(
    "INSERT INTO generations (name, number) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET number = generations.number + 1"
)


def next_generation(session: Session) -> None:
    """Begin a new generation: documents, their versions or readers change in this transaction.

    To be called last in it: the row is locked until the commit, and whoever waits for it holds nothing others need.
    """
    session.flush()
    session.execute(_NEXT, {"name": DOCUMENTS})


def current_generation(session: Session) -> int:
    """Return the number of the last generation that was committed, 0 where nothing was ever changed."""
    return session.scalar(select(GenerationRow.number).where(GenerationRow.name == DOCUMENTS)) or 0
