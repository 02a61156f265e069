"""A number that grows with every change of what anybody may find: what was searched before it is out of date."""

from __future__ import annotations

import time

from sqlalchemy import Connection, select, text, update
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


def current_generation(session: Session | Connection) -> int:
    """Return the number of the last generation that was committed, 0 where nothing was ever changed."""
    return session.scalar(select(GenerationRow.number).where(GenerationRow.name == DOCUMENTS)) or 0


def leap_generations(session: Session) -> None:
    """Raise all numbers to the time in milliseconds: other rows took the place of all there were.

    Rows that are restored bring an earlier number with them. Counting on from there would come to numbers again by
    which running processes keep what the rows before said. There are fewer changes than milliseconds.
    """
    now = int(time.time() * 1000)
    next_generation(session)  # so that there is a row
    session.execute(update(GenerationRow).where(GenerationRow.number < now).values(number=now))
