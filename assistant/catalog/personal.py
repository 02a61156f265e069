"""What the catalog holds on a person, to be handed out or erased."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import (
    ConversationRow,
    FeedbackRow,
    GrantRow,
    QuestionRow,
    RunRow,
    SourceRow,
    TurnRow,
)
from assistant.catalog.models_people import AccessTokenRow, OpeningRow, PersonRow, SessionRow
from assistant.catalog.people import ERASED, ERASING
from assistant.catalog.uploads import UPLOADS
from assistant.errors import NotFoundError

_SECRET = {"digest", "former", "password", "folded", "person_id"}  # columns that are no information on the person
_OfPerson = type[AccessTokenRow] | type[SessionRow] | type[OpeningRow]
_BLANK: dict[str, Any] = {
    "name": "", "email": "", "groups": [], "provided_groups": [], "role": "employee", "curates": [],
    "external_id": None, "password": "", "must_change_password": False, "failures": 0, "locked_until": 0.0,
    "disabled": True, "provisioned": {},
}  # fmt: skip


class Personal:
    """Reads and erases. It checks no rights: `personal.PersonalDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, person: str) -> dict[str, Any] | None:
        """Return the person's account, without what signs in; None where there is none."""
        with self._database.read() as session:
            row = session.get(PersonRow, person)
            return None if row is None else _values(row)

    def sign_ins(self, person: str) -> dict[str, list[dict[str, Any]]]:
        """Return the person's tokens, sessions and openings of documents, each oldest first."""
        kinds: dict[str, _OfPerson] = {"tokens": AccessTokenRow, "sessions": SessionRow, "openings": OpeningRow}
        with self._database.read() as session:
            return {
                name: [
                    _values(row)
                    for row in session.scalars(
                        select(kind).where(kind.person_id == person).order_by(kind.created_at, kind.id)
                    )
                ]
                for name, kind in kinds.items()
            }

    def conversations(self, person: str) -> list[dict[str, Any]]:
        """Return the person's conversations, deleted ones too: id, title, times, and how many turns."""
        columns = (
            ConversationRow.id,
            ConversationRow.title,
            ConversationRow.turns,
            ConversationRow.created_at,
            ConversationRow.updated_at,
            ConversationRow.deleted_at,
        )
        query = select(*columns).where(ConversationRow.user == person)
        with self._database.read() as session:
            rows = session.execute(query.order_by(ConversationRow.created_at, ConversationRow.id)).mappings()
            return [dict(row) for row in rows]

    def asked(self, person: str, conversation: str) -> list[dict[str, Any]]:
        """Return the person's own words in a conversation, and what is attached to them, in their order."""
        query = select(TurnRow).join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        query = query.where(ConversationRow.id == conversation, ConversationRow.user == person)
        with self._database.read() as session:
            return [
                {
                    "turn": row.id,
                    "asked_at": row.created_at,
                    "question": row.question,
                    "attachments": row.options.get("attachments", []),
                }
                for row in session.scalars(query.order_by(TurnRow.number))
            ]

    def named(self, person: str) -> dict[str, int]:
        """Return how many documents name the person as a reader, and how many kept questions the person added."""
        grants = select(func.count()).select_from(GrantRow).where(GrantRow.principal == f"user:{person}")
        kept = select(func.count()).select_from(QuestionRow).where(QuestionRow.added_by == person)
        with self._database.read() as session:
            return {"documents": session.scalar(grants) or 0, "questions_added": session.scalar(kept) or 0}

    def upload_sources(self, person: str) -> list[str]:
        """Return the sources that hold what the person uploaded."""
        with self._database.read() as session:
            rows = session.scalars(select(SourceRow).where(SourceRow.kind == UPLOADS).order_by(SourceRow.name))
            return [row.name for row in rows if row.config.get("user") == person]

    def erasing(self) -> list[str]:
        """Return the people whose erasure has begun and not ended."""
        query = select(PersonRow.id).where(PersonRow.origin == ERASING).order_by(PersonRow.id)
        with self._database.read() as session:
            return list(session.scalars(query))

    def begin_erasing(self, person: str) -> bool:
        """Mark the person: nothing signs in any more, and nothing is changed. Returns whether there is more to do.

        Raises:
            NotFoundError: there is no such person.
        """
        with self._database.write() as session:
            row = _person(session, person)
            if row.origin == ERASED:
                return False
            row.origin, row.disabled, row.password = ERASING, True, ""
            row.provisioned = {}  # the provider neither finds the person nor brings one back
            return True

    def sign_out(self, person: str) -> None:
        """Forget the person's tokens, sessions, openings of documents, and feedback."""
        with self._database.write() as session:
            for kind in (AccessTokenRow, SessionRow, OpeningRow):
                session.execute(delete(kind).where(kind.person_id == person))
            session.execute(delete(FeedbackRow).where(FeedbackRow.user == person))

    def end_erasing(self, person: str, sources: Iterable[str]) -> bool:
        """Leave nothing of the person but the id, if nothing is held on the person any more.

        Args:
            person: an id that is marked.
            sources: what the person's sources of uploads were called; the records of their runs go too.

        Returns:
            whether it is done.
        """
        with self._database.write() as session:
            row = _person(session, person)
            held = select(ConversationRow.id).where(ConversationRow.user == person).limit(1)
            if session.scalar(held) is not None:
                return False
            for name in sources:
                if session.get(SourceRow, name) is None:  # else it is another's, or not removed yet
                    session.execute(delete(RunRow).where(RunRow.source == name))
            for column, value in _BLANK.items():
                setattr(row, column, value)
            row.origin = ERASED
        self._database.forget_removed()
        return True


def _person(session: Session, person: str) -> PersonRow:
    row = session.get(PersonRow, person, with_for_update=True)
    if row is None:
        raise NotFoundError(f"there is no person {person!r}", "see `assistant users list`")
    return row


def _values(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in _SECRET}
