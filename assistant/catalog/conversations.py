"""The catalog's conversations: each belongs to one person, and its turns form a tree of questions and answers.

A turn follows its parent; turns with the same parent are versions of one another, so that asking again or asking
otherwise takes nothing away. A turn that is being answered has a lease, which the process that answers renews: where
it has run out, that process is gone, and the turn counts as interrupted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, Select, delete, select, update
from sqlalchemy.orm import Session

from assistant.catalog.conversation_list import ConversationList, conversation_of, folded, turn_of
from assistant.catalog.database import Database
from assistant.catalog.models import ConversationRow, TurnRow
from assistant.catalog.records import (
    ConversationRecord,
    NewTurn,
    Progress,
    TitledBy,
    TurnNode,
    TurnRecord,
)
from assistant.catalog.shares import Shares
from assistant.errors import AlreadyDecidedError, ConversationBusyError, NotFoundError
from assistant.types import User


class Conversations(ConversationList):
    """Reads and changes conversations. Another person's, and a deleted one, is 'not found', whoever asks."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.shares = Shares(database)

    def get(self, user: User, conversation: str) -> ConversationRecord:
        """Return one. Raises NotFoundError."""
        with self._database.read() as session:
            return conversation_of(_own(session, user, conversation))

    def nodes(self, user: User, conversation: str) -> list[TurnNode]:
        """Return how a conversation's turns follow one another, in the order in which they were begun.

        Raises:
            NotFoundError: the person has no such conversation.
        """
        columns = select(TurnRow.id, TurnRow.parent, TurnRow.number)
        with self._database.read() as session:
            _own(session, user, conversation)
            query = columns.where(TurnRow.conversation_id == conversation).order_by(TurnRow.number)
            return [TurnNode(row.id, row.parent, row.number) for row in session.execute(query)]

    def turns(self, user: User, conversation: str, ids: Collection[str] | None = None) -> list[TurnRecord]:
        """Return turns of a conversation, those of these ids or all, in the order in which they were begun.

        Raises:
            NotFoundError: the person has no such conversation.
        """
        query = select(TurnRow).where(TurnRow.conversation_id == conversation).order_by(TurnRow.number)
        with self._database.read() as session:
            _own(session, user, conversation)
            return [turn_of(row) for row in session.scalars(query if ids is None else query.where(TurnRow.id.in_(ids)))]

    def begin(
        self,
        user: User,
        conversation: str | None,
        new: NewTurn,
        lease_seconds: float,
        title: str,
        fresh: str = "",
    ) -> tuple[ConversationRecord, TurnRecord]:
        """Record a turn that is answered from now on; it is shown.

        Args:
            user: who asks.
            conversation: where; None: in a new one.
            new: the turn.
            lease_seconds: how long it is believed to be answered without a sign of it.
            title: of a new conversation.
            fresh: its id, where one is given out already; empty: any.

        Raises:
            NotFoundError: there is no such conversation of this person, or no such parent in it.
            ConversationBusyError: a turn of it is being answered.
        """
        now = time.time()
        with self._database.write() as session:
            if conversation is None:
                row = _new_conversation(user, title, now, fresh)
                session.add(row)
                session.flush()
            else:
                _must_be_idle(session, (row := _own(session, user, conversation, locked=True)).id, now)
            if new.parent is not None:
                _turn_of(session, row.id, new.parent)
            turn = _new_turn(row, new, now, now + lease_seconds)
            session.add(turn)
            row.shown, row.turns, row.updated_at = turn.id, turn.number, now
            session.flush()
            return conversation_of(row), turn_of(turn)

    def write(self, progress: Sequence[Progress], lease_seconds: float) -> set[str]:
        """Record how far answers have come, in one transaction, and renew their leases.

        A turn that is not being answered any more (another process took its own for gone) is left as it is.

        Returns:
            those that are to stop: the person wants it, or the turn is gone.
        """
        now, turns = time.time(), sorted(one.turn for one in progress)
        columns = select(TurnRow.id, TurnRow.state, TurnRow.stop_asked).where(TurnRow.id.in_(turns))
        with self._database.write() as session:
            # in one order, so that two processes never deadlock
            known = {row.id: row for row in session.execute(columns.order_by(TurnRow.id).with_for_update())}
            is_open = {turn for turn, row in known.items() if row.state in {"answering", "interrupted"}}
            written = [_written(one, now, lease_seconds) for one in progress if one.turn in is_open]
            for rows in ([row for row in written if "plan" in row], [row for row in written if "plan" not in row]):
                if rows:
                    session.execute(update(TurnRow), rows)
        return {turn for turn in turns if turn not in is_open or known[turn].stop_asked}

    def decide(
        self, user: User, conversation: str, turn: str, call: str, decided: Mapping[str, Any], lease_seconds: float
    ) -> TurnRecord:
        """Record what the person says to a call that waits, once; with the last one, the turn is answered on.

        Args:
            user: whose conversation it is.
            conversation, turn, call: which call.
            decided: takes the place of what is stored of the call.
            lease_seconds: as in `begin`.

        Returns:
            the turn; it is `answering` where this was the last call to decide on: whoever gets that goes on with it.

        Raises:
            NotFoundError: the person has no such conversation, or there is no such turn or call in it.
            AlreadyDecidedError: the call does not wait any more.
            ConversationBusyError: another question of the conversation is being answered.
        """
        now = time.time()
        with self._database.write() as session:
            _own(session, user, conversation, locked=True)
            row = _turn_of(session, conversation, turn)
            tools = [{**one, **decided} if one["id"] == call else one for one in row.answer.get("tools", ())]
            known = {one["id"]: one["state"] for one in row.answer.get("tools", ())}
            if call not in known:
                raise NotFoundError(f"the turn has no call {call!r}", "load the conversation again")
            if row.state == "answering" and known[call] == "waiting" and row.lease_until > now:
                raise ConversationBusyError("the answer has not come to its end yet", "decide when it waits")
            if row.state != "waiting" or known[call] != "waiting":
                raise AlreadyDecidedError("the call does not wait for a decision any more", "load the turn again")
            if all(one["state"] != "waiting" for one in tools):
                _must_be_idle(session, conversation, now)
                row.state, row.lease_until, row.stop_asked = "answering", now + lease_seconds, False
            row.answer = {**row.answer, "tools": tools}
            session.flush()
            return turn_of(row)

    def ask_to_stop(self, user: User, conversation: str, turn: str) -> None:
        """Record that a turn is not to be answered on, wherever that is done. Raises NotFoundError."""
        with self._database.write() as session:
            _own(session, user, conversation, locked=True)  # a decision on a call may come at the same moment
            row = _turn_of(session, conversation, turn)
            row.stop_asked = True
            if row.state == "waiting":  # nobody is at work on it who would see that
                row.state, row.finished_at = "stopped", time.time()

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
            row.title, row.folded, row.titled_by = title, folded(title), by
            return True

    def pin(self, user: User, conversation: str, *, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or not any more. Raises NotFoundError."""
        with self._database.write() as session:
            row = _own(session, user, conversation, locked=True)
            row.pinned_at = (row.pinned_at or time.time()) if pinned else None

    def delete(self, user: User, conversation: str) -> None:
        """Delete a conversation, for now: `restore` brings it back until `prune`. Raises NotFoundError."""
        with self._database.write() as session:
            row = _own(session, user, conversation, locked=True)
            row.deleted_at = time.time()
            _stop_answers(session, [conversation])

    def restore(self, user: User, conversation: str) -> ConversationRecord:
        """Bring back a conversation that was deleted; one that was not stays. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalar(_of_person(user, conversation).with_for_update())
            if row is None:
                raise _no_conversation(conversation)
            row.deleted_at = None
            session.flush()
            return conversation_of(row)

    def remove(self, user: User, conversation: str) -> None:
        """Forget a conversation for good, deleted before or not. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalar(_of_person(user, conversation).with_for_update())
            if row is None:
                raise _no_conversation(conversation)
            session.delete(row)
        self._database.forget_removed()

    def condemn(self, user: User, conversation: str) -> None:
        """Delete a conversation, deleted before or not, so that the next `prune` forgets it. Raises NotFoundError."""
        with self._database.write() as session:
            row = session.scalar(_of_person(user, conversation).with_for_update())
            if row is None:
                raise _no_conversation(conversation)
            row.deleted_at = 0.0
            _stop_answers(session, [conversation])

    def retire(self, before: float) -> int:
        """Delete, for now, what nobody asked in since that moment; returns how many conversations that are."""
        now = time.time()
        at_work = select(TurnRow.conversation_id).where(TurnRow.state == "answering", TurnRow.lease_until > now)
        old = update(ConversationRow).where(ConversationRow.deleted_at.is_(None), ConversationRow.updated_at < before)
        with self._database.write() as session:
            gone = session.execute(old.where(ConversationRow.id.not_in(at_work)).values(deleted_at=now))
            return int(cast(CursorResult[Any], gone).rowcount)

    def due(self, before: float) -> list[str]:
        """Return the ids of the conversations that `prune` would forget."""
        with self._database.read() as session:
            return list(session.scalars(select(ConversationRow.id).where(ConversationRow.deleted_at < before)))

    def prune(self, before: float) -> list[str]:
        """Forget for good what was deleted before that moment; returns the ids of these conversations."""
        with self._database.write() as session:
            gone = list(session.scalars(select(ConversationRow.id).where(ConversationRow.deleted_at < before)))
            session.execute(delete(ConversationRow).where(ConversationRow.deleted_at < before))
        if gone:
            self._database.forget_removed()
        return gone


def _stop_answers(session: Session, conversations: Collection[str]) -> None:
    """Let the answers that are written in these conversations end, whichever process writes them."""
    running = update(TurnRow).where(TurnRow.conversation_id.in_(conversations), TurnRow.state == "answering")
    session.execute(running.values(stop_asked=True))


def _written(progress: Progress, now: float, lease_seconds: float) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": progress.turn,
        "state": progress.state,
        "text": progress.text,
        "answer": dict(progress.answer),
        "error": dict(progress.error),
        "lease_until": now + lease_seconds,
        "finished_at": None if progress.state in {"answering", "waiting"} else now,
    }
    if progress.plan is not None:
        values["plan"] = dict(progress.plan)
    return values


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


def _new_conversation(user: User, title: str, now: float, fresh: str) -> ConversationRow:
    return ConversationRow(
        id=fresh or str(uuid.uuid4()),
        user=user.id,
        title=title,
        folded=folded(title),
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
