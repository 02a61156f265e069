"""The catalog's conversations: each belongs to one person, and its turns form a tree of questions and answers.

A turn follows its parent; turns with the same parent are versions of one another, so that asking again or asking
otherwise takes nothing away. A turn that is being answered has a lease, which the process that answers renews: where
it has run out, that process is gone, and the turn counts as interrupted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.errors import ConversationBusyError, NotFoundError
from assistant.types import User

TurnState = Literal["answering", "complete", "stopped", "interrupted", "failed"]
TurnOrigin = Literal["asked", "regenerated", "edited"]
TitledBy = Literal["question", "model", "person"]


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation.

    Attributes:
        id: its id.
        title: what it is called.
        titled_by: who called it so: its first question, a model, or the person.
        shown: the last turn of the branch that is shown, None where there is none.
        turns: how many were ever begun in it.
        created_at, updated_at: in seconds since the epoch; updated by every turn that begins.
        deleted_at: when it was deleted; None: it is not.
    """

    id: str
    title: str
    titled_by: TitledBy
    shown: str | None
    turns: int
    created_at: float
    updated_at: float
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A question and its answer, as they were stored: nothing here says that the person may still read it.

    Attributes:
        id, conversation: its id, and its conversation's.
        parent: the turn before it, None for the first.
        number: in the order in which the conversation's turns were begun, from 1.
        origin: how it came to be.
        question: as it was asked.
        options: how it was asked.
        context: what the answerer was told of the turns before.
        state: how far it is.
        text: of the answer, as far as it came.
        plan: what was read for it; empty where that is not known.
        answer: the rest of a finished answer; empty where it is not finished.
        error: why it failed or was interrupted; empty where it did not.
        created_at, finished_at: in seconds since the epoch.
    """

    id: str
    conversation: str
    parent: str | None
    number: int
    origin: TurnOrigin
    question: str
    options: Mapping[str, Any]
    context: Mapping[str, Any]
    state: TurnState
    text: str
    plan: Mapping[str, Any]
    answer: Mapping[str, Any]
    error: Mapping[str, Any]
    created_at: float
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that begins; see `TurnRecord`."""

    parent: str | None
    origin: TurnOrigin
    question: str
    options: Mapping[str, Any]
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come; see `TurnRecord`."""

    turn: str
    state: TurnState
    text: str
    plan: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)


class Conversations:
    """Reads and changes conversations. Another person's, and a deleted one, is 'not found', whoever asks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, user: User, query: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[list[ConversationRecord], int]:
        """Return a stretch of the person's conversations, the last used first, and how many there are.

        Args:
            user: whose.
            query: what the title holds; upper and lower case are the same.
            limit, offset: which stretch.
        """
        wanted = [ConversationRow.user == user.id, ConversationRow.deleted_at.is_(None)]
        if query.strip():
            wanted.append(ConversationRow.folded.contains(_folded(query), autoescape=True))
        ordered = select(ConversationRow).where(*wanted)
        ordered = ordered.order_by(ConversationRow.updated_at.desc(), ConversationRow.id).limit(limit).offset(offset)
        with self._database.read() as session:
            found = [_conversation(row) for row in session.scalars(ordered)]
            return found, session.scalar(select(func.count()).select_from(ConversationRow).where(*wanted)) or 0

    def get(self, user: User, conversation: str) -> ConversationRecord:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            return _conversation(_own(session, user, conversation))

    def turns(self, user: User, conversation: str) -> list[TurnRecord]:
        """Return all turns of a conversation in the order in which they were begun. Raises NotFoundError."""
        with self._database.read() as session:
            _own(session, user, conversation)
            query = select(TurnRow).where(TurnRow.conversation_id == conversation).order_by(TurnRow.number)
            return [_turn(row) for row in session.scalars(query)]

    def begin(
        self, user: User, conversation: str | None, new: NewTurn, lease_seconds: float, title: str
    ) -> tuple[ConversationRecord, TurnRecord]:
        """Record a turn that is answered from now on; it is shown.

        Args:
            user: who asks.
            conversation: where; None: in a new one.
            new: the turn.
            lease_seconds: how long it is believed to be answered without a sign of it.
            title: of a new conversation.

        Raises:
            NotFoundError: there is no such conversation of this person, or no such parent in it.
            ConversationBusyError: a turn of it is being answered.
        """
        now = time.time()
        with self._database.write() as session:
            if conversation is None:
                row = _new_conversation(user, title, now)
                session.add(row)
                session.flush()
            else:
                row = _own(session, user, conversation, locked=True)
                _must_be_idle(session, row.id, now)
            if new.parent is not None:
                _turn_of(session, row.id, new.parent)
            turn = _new_turn(row, new, now, now + lease_seconds)
            session.add(turn)
            row.shown, row.turns, row.updated_at = turn.id, turn.number, now
            session.flush()
            return _conversation(row), _turn(turn)

    def write(self, progress: Sequence[Progress], lease_seconds: float) -> set[str]:
        """Record how far answers have come, in one transaction, and renew their leases.

        A turn that is not being answered any more (another process took its own for gone) is left as it is.

        Returns:
            those that are to stop: the person wants it, or the turn is gone.
        """
        now = time.time()
        stopping = set()
        with self._database.write() as session:
            for one in sorted(progress, key=lambda each: each.turn):  # in one order: two processes never deadlock
                row = session.get(TurnRow, one.turn, with_for_update=True)
                if row is None or row.state not in {"answering", "interrupted"} or row.stop_asked:
                    stopping.add(one.turn)
                if row is None or row.state not in {"answering", "interrupted"}:
                    continue
                row.state, row.text, row.lease_until = one.state, one.text, now + lease_seconds
                row.plan, row.answer, row.error = dict(one.plan), dict(one.answer), dict(one.error)
                row.finished_at = None if one.state == "answering" else now
        return stopping

    def ask_to_stop(self, user: User, conversation: str, turn: str) -> None:
        """Record that a turn is not to be answered on, wherever that is done. Raises NotFoundError."""
        with self._database.write() as session:
            _own(session, user, conversation)
            _turn_of(session, conversation, turn).stop_asked = True

    def show(self, user: User, conversation: str, turn: str) -> None:
        """Show the branch that ends with this turn. Raises NotFoundError."""
        with self._database.write() as session:
            row = _own(session, user, conversation, locked=True)
            row.shown = _turn_of(session, conversation, turn).id

    def rename(self, user: User, conversation: str, title: str, by: TitledBy = "person") -> bool:
        """Give a title; one that a model made takes the place of the first question only. Raises NotFoundError.

        Returns:
            whether it is called so now.
        """
        with self._database.write() as session:
            row = _own(session, user, conversation, locked=True)
            if by == "model" and row.titled_by != "question":
                return False
            row.title, row.folded, row.titled_by = title, _folded(title), by
            return True

    def delete(self, user: User, conversation: str) -> None:
        """Delete a conversation, for now: `restore` brings it back until `prune`. Raises NotFoundError."""
        with self._database.write() as session:
            row = _own(session, user, conversation, locked=True)
            row.deleted_at = time.time()
            running = update(TurnRow).where(TurnRow.conversation_id == conversation, TurnRow.state == "answering")
            session.execute(running.values(stop_asked=True))

    def restore(self, user: User, conversation: str) -> ConversationRecord:
        """Bring back a conversation that was deleted; one that was not stays. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalar(_of_person(user, conversation).with_for_update())
            if row is None:
                raise _no_conversation(conversation)
            row.deleted_at = None
            session.flush()
            return _conversation(row)

    def remove(self, user: User, conversation: str) -> None:
        """Forget a conversation for good, deleted before or not. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalar(_of_person(user, conversation).with_for_update())
            if row is None:
                raise _no_conversation(conversation)
            session.delete(row)

    def prune(self, before: float) -> int:
        """Forget for good what was deleted before that moment; returns how many conversations that are."""
        with self._database.write() as session:
            old = ConversationRow.deleted_at < before
            count = session.scalar(select(func.count()).select_from(ConversationRow).where(old)) or 0
            session.execute(delete(ConversationRow).where(old))
            return count


def _of_person(user: User, conversation: str) -> Select[ConversationRow]:
    return select(ConversationRow).where(ConversationRow.id == conversation, ConversationRow.user == user.id)


def _own(session: Session, user: User, conversation: str, *, locked: bool = False) -> ConversationRow:
    query = _of_person(user, conversation).where(ConversationRow.deleted_at.is_(None))
    row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise _no_conversation(conversation)
    return row


def _no_conversation(conversation: str) -> NotFoundError:
    return NotFoundError(f"you have no conversation {conversation!r}", "see your list of conversations")


def _turn_of(session: Session, conversation: str, turn: str) -> TurnRow:
    row = session.scalar(select(TurnRow).where(TurnRow.id == turn, TurnRow.conversation_id == conversation))
    if row is None:
        raise NotFoundError(f"the conversation has no turn {turn!r}", "load the conversation again")
    return row


def _must_be_idle(session: Session, conversation: str, now: float) -> None:
    """Close turns whose process is gone. Raises ConversationBusyError where one is at work."""
    query = select(TurnRow).where(TurnRow.conversation_id == conversation, TurnRow.state == "answering")
    for row in session.scalars(query.with_for_update()):
        if row.lease_until > now and not row.stop_asked:
            raise ConversationBusyError(
                "a question of this conversation is being answered", "wait for the answer, or stop it first"
            )
        row.state, row.finished_at = ("stopped" if row.stop_asked else "interrupted"), row.lease_until


def _new_conversation(user: User, title: str, now: float) -> ConversationRow:
    return ConversationRow(
        id=str(uuid.uuid4()),
        user=user.id,
        title=title,
        folded=_folded(title),
        titled_by="question",
        turns=0,
        created_at=now,
        updated_at=now,
    )


def _new_turn(conversation: ConversationRow, new: NewTurn, now: float, lease_until: float) -> TurnRow:
    return TurnRow(
        id=str(uuid.uuid4()),
        conversation_id=conversation.id,
        parent=new.parent,
        number=conversation.turns + 1,
        origin=new.origin,
        question=new.question,
        options=dict(new.options),
        context=dict(new.context),
        state="answering",
        text="",
        plan={},
        answer={},
        error={},
        created_at=now,
        lease_until=lease_until,
        stop_asked=False,
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _conversation(row: ConversationRow) -> ConversationRecord:
    return ConversationRecord(
        id=row.id,
        title=row.title,
        titled_by=cast(TitledBy, row.titled_by),
        shown=row.shown,
        turns=row.turns,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
    )


def _turn(row: TurnRow) -> TurnRecord:
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
