"""Conversations that their people share with others. It checks no rights but whose a conversation is."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from assistant.catalog.conversation_list import conversation_of
from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.catalog.models_people import PersonRow
from assistant.catalog.models_shares import ShareRow
from assistant.catalog.records import ConversationRecord
from assistant.errors import NotFoundError
from assistant.types import User


@dataclass(frozen=True, slots=True)
class ShareRecord:
    """A conversation that is shared, up to one turn; times are seconds since the epoch.

    Attributes:
        id: of the share.
        owner: the id of the person whose conversation it is.
        conversation: its id.
        turn: the last turn that is shared.
        principals: whom it is shared with, sorted.
        created_at, expires_at: from when until when.
        ended_at: when the owner ended it; None: not.
    """

    id: str
    owner: str
    conversation: str
    turn: str
    principals: tuple[str, ...]
    created_at: float
    expires_at: float
    ended_at: float | None = None


class Shares:
    """Reads and changes the table of shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, owner: User, conversation: str, principals: Iterable[str], expires_at: float) -> ShareRecord:
        """Share the branch of a conversation that is shown. Raises NotFoundError: there is none such, or no turn."""
        with self._database.write() as session:
            row = _own(session, owner, conversation)
            if row.shown is None:
                raise NotFoundError(f"the conversation {conversation!r} has no turn yet", "ask something first")
            share = ShareRow(
                id=str(uuid.uuid4()),
                conversation_id=conversation,
                turn=row.shown,
                principals=sorted(set(principals)),
                created_at=time.time(),
                expires_at=expires_at,
            )
            session.add(share)
            session.flush()
            return _share(share, row.user)

    def of(self, owner: User, conversation: str) -> list[ShareRecord]:
        """Return all shares of a conversation, oldest first. Raises NotFoundError: the owner has none such."""
        query = select(ShareRow).where(ShareRow.conversation_id == conversation).order_by(ShareRow.created_at)
        with self._database.read() as session:
            row = _own(session, owner, conversation)
            return [_share(share, row.user) for share in session.scalars(query)]

    def end(self, owner: User, conversation: str, share: str) -> ShareRecord:
        """End a share now. Raises NotFoundError: the owner has no such conversation, or it no such share."""
        with self._database.write() as session:
            row = _own(session, owner, conversation)
            found = session.get(ShareRow, share)
            if found is None or found.conversation_id != conversation:
                raise NotFoundError(f"the conversation is not shared as {share!r}", "list its shares")
            found.ended_at = found.ended_at or time.time()
            return _share(found, row.user)

    def named(self, conversations: Collection[str]) -> dict[str, tuple[ConversationRecord, str]]:
        """Return conversations by their ids, each with its first question, in one reading for all of them."""
        first = and_(TurnRow.conversation_id == ConversationRow.id, TurnRow.number == 1)
        query = select(ConversationRow, TurnRow.question).join(TurnRow, first)
        with self._database.read() as session:
            rows = session.execute(query.where(ConversationRow.id.in_(conversations)))
            return {row.id: (conversation_of(row), question) for row, question in rows}

    def open_now(self, share: str | None = None) -> list[ShareRecord]:
        """Return all shares that hold now, the newest first, or this one; none of a person who is disabled."""
        query = _open(time.time())
        with self._database.read() as session:
            rows = session.execute(query if share is None else query.where(ShareRow.id == share))
            return [_share(row, owner) for row, owner in rows]


def _open(now: float) -> Select[ShareRow, str]:
    disabled = select(PersonRow.id).where(PersonRow.disabled.is_(True))
    return (
        select(ShareRow, ConversationRow.user)
        .join(ConversationRow, ConversationRow.id == ShareRow.conversation_id)
        .where(
            ShareRow.ended_at.is_(None),
            ShareRow.expires_at > now,
            ConversationRow.deleted_at.is_(None),
            ConversationRow.user.not_in(disabled),
        )
        .order_by(ShareRow.created_at.desc(), ShareRow.id)
    )


def _own(session: Session, owner: User, conversation: str) -> ConversationRow:
    row = session.get(ConversationRow, conversation)
    if row is None or row.user != owner.id or row.deleted_at is not None:
        raise NotFoundError(f"you have no conversation {conversation!r}", "see your list of conversations")
    return row


def _share(row: ShareRow, owner: str) -> ShareRecord:
    return ShareRecord(
        id=row.id,
        owner=owner,
        conversation=row.conversation_id,
        turn=row.turn,
        principals=tuple(row.principals),
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
