"""The list of a person's conversations: by when they were used, and by words that stand in them."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.catalog.records import ConversationRecord, TitledBy, TurnOrigin, TurnRecord, TurnState
from assistant.types import User

_WORD = re.compile(r"\S+")
_MOST_WORDS = 20
_STRETCH = 200  # turns that are read at once


@dataclass(frozen=True, slots=True)
class SaidIn:
    """A turn that holds the words that are looked for; whether its answer may be read has to be asked."""

    conversation: str
    turn: str


class ConversationList:
    """Reads the list of conversations; see `Conversations`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, user: User, query: str = "", limit: int = 50, offset: int = 0, among: Sequence[str] = ()
    ) -> tuple[list[ConversationRecord], int]:
        """Return a stretch of the person's conversations, the pinned and then the last used first, and their number.

        Args:
            user: whose.
            query: what the title holds; upper and lower case are the same.
            limit, offset: which stretch.
            among: ids of further ones to list, whatever their title.
        """
        wanted = [ConversationRow.user == user.id, ConversationRow.deleted_at.is_(None)]
        if query.strip():
            titled = ConversationRow.folded.contains(folded(query), autoescape=True)
            wanted.append(or_(titled, ConversationRow.id.in_(among)) if among else titled)
        ordered = select(ConversationRow).where(*wanted)
        ordered = ordered.order_by(
            ConversationRow.pinned_at.is_(None), ConversationRow.updated_at.desc(), ConversationRow.id
        )
        with self._database.read() as session:
            found = [conversation_of(row) for row in session.scalars(ordered.limit(limit).offset(offset))]
            return found, session.scalar(select(func.count()).select_from(ConversationRow).where(*wanted)) or 0

    def asked(self, user: User, query: str) -> list[str]:
        """Return the ids of the person's conversations in which a question holds all the words, in any order."""
        words = words_of(query)
        if not words:
            return []
        rows = _candidates(user, words, TurnRow.question, TurnRow.conversation_id, TurnRow.question)
        with self._database.read() as session:
            found = (row[0] for row in session.execute(rows).yield_per(_STRETCH) if holds(row[1], words))
            return list(dict.fromkeys(found))

    def turns_of(self, user: User, ids: Collection[str]) -> list[TurnRecord]:
        """Return those of these turns that stand in conversations of the person that are not deleted."""
        mine = and_(ConversationRow.user == user.id, ConversationRow.deleted_at.is_(None), TurnRow.id.in_(ids))
        query = select(TurnRow).join(ConversationRow, ConversationRow.id == TurnRow.conversation_id).where(mine)
        with self._database.read() as session:
            return [turn_of(row) for row in session.scalars(query)]

    def answered(self, user: User, query: str) -> list[SaidIn]:
        """Return the turns of the person's conversations whose answer, as it was stored, holds all the words.

        They come by conversation, the last used first.
        """
        words = words_of(query)
        if not words:
            return []
        rows = _candidates(user, words, TurnRow.text, TurnRow.conversation_id, TurnRow.id, TurnRow.text)
        with self._database.read() as session:
            return [
                SaidIn(row[0], row[1])
                for row in session.execute(rows).yield_per(_STRETCH)
                if holds(cast(str, row[2]), words)
            ]


def words_of(query: str) -> tuple[str, ...]:
    """Return the words that are looked for, each once, without regard to upper and lower case."""
    return tuple(dict.fromkeys(_WORD.findall(folded(query))))[:_MOST_WORDS]


def holds(text: str, words: Sequence[str]) -> bool:
    """Whether all the words stand in the text, in any order and also as parts of longer ones."""
    known = text.casefold()
    return all(word in known for word in words)


def folded(text: str) -> str:
    """Return a text as searches compare it."""
    return " ".join(text.casefold().split())


def conversation_of(row: ConversationRow) -> ConversationRecord:
    """Return the record of a row."""
    return ConversationRecord(
        id=row.id,
        title=row.title,
        titled_by=cast(TitledBy, row.titled_by),
        shown=row.shown,
        turns=row.turns,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
        pinned_at=row.pinned_at,
    )


def turn_of(row: TurnRow) -> TurnRecord:
    """Return the record of a row; a turn whose process is gone counts as interrupted."""
    state = cast(TurnState, row.state)
    if state == "answering" and row.lease_until <= time.time():
        state = "interrupted"  # its process is gone
    return TurnRecord(
        id=row.id,
        conversation=row.conversation_id,
        parent=row.parent,
        number=row.number,
        origin=cast(TurnOrigin, row.origin),
        question=row.question,
        options=row.options,
        context=row.context,
        state=state,
        text=row.text,
        plan=row.plan,
        answer=row.answer,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _candidates(user: User, words: Sequence[str], text: Any, *columns: Any) -> Select[Any]:
    """Return a query for turns whose text may hold the words; `holds` decides: SQLite folds ASCII only."""
    likely: list[ColumnElement[bool]] = [text.icontains(word, autoescape=True) for word in words if word.isascii()]
    mine = and_(ConversationRow.user == user.id, ConversationRow.deleted_at.is_(None), *likely)
    query = select(*columns).join(ConversationRow, ConversationRow.id == TurnRow.conversation_id).where(mine)
    return query.order_by(ConversationRow.updated_at.desc(), TurnRow.number)
