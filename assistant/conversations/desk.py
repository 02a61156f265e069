"""Conversations for a person: ask, go on, ask again or otherwise, stop, read, rename, delete. All rights hold here."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextvars import copy_context
from dataclasses import replace

from assistant.catalog import ConversationRecord, NewTurn, TurnRecord
from assistant.catalog.records import TurnOrigin
from assistant.conversations.attached import Attached, Row, carried, rows_of
from assistant.conversations.deciding import decided_row, later, so_far
from assistant.conversations.history import History, within
from assistant.conversations.live import LEASE_SECONDS, Live
from assistant.conversations.parts import Parts, Stoppable
from assistant.conversations.room import Room
from assistant.conversations.sharing import ShareDesk
from assistant.conversations.shelf import Shelf, find
from assistant.conversations.stored import clean, filters_of, filters_row
from assistant.conversations.titles import LONGEST, model_title, title_of
from assistant.conversations.tree import branch
from assistant.errors import AssistantError, ConfigurationError
from assistant.types import (
    NOTHING_SO_FAR,
    AnswerEvent,
    Attachment,
    Decision,
    Message,
    Mode,
    Question,
    SoFar,
    User,
)

log = logging.getLogger(__name__)

STOP_SECONDS = 3.0  # that an answerer has to say what the text so far rests on


class ConversationDesk(Shelf):
    """See the module. An answer belongs to the desk: it is written to its end, whoever looks on.

    Args:
        parts: what it needs.
        history_tokens: how much of the turns before a question is told.
        most_answers: how many answers this process writes at once; others than the desk's own take their `room`, too.
    """

    def __init__(self, parts: Parts, *, history_tokens: int = 4000, most_answers: int = 64) -> None:
        super().__init__(parts)
        self._history_tokens = history_tokens
        self.room = Room(most_answers)
        self._attached = Attached(parts.blobs)
        self._watching: list[Callable[[AnswerEvent], None]] = []
        self.shares = ShareDesk(parts.conversations, parts)

    def watch(self, tell: Callable[[AnswerEvent], None]) -> None:
        """Call `tell` with every event of every answer from now on; it must return at once."""
        self._watching.append(tell)

    def begin(self, user: User, asked: Question) -> tuple[ConversationRecord, TurnRecord]:
        """Begin a conversation with its first question, which is answered from now on.

        Raises:
            ConfigurationError: the question is empty.
            ModelOverloadedError: as many answers are under way as this process writes at once.
        """
        return self._begin(user, None, asked, "asked", None, History(budget=self._history_tokens))

    def go_on(self, user: User, conversation: str, asked: Question, after: str | None = None) -> TurnRecord:
        """Ask the next question.

        Args:
            user: whose conversation it is.
            conversation: its id.
            asked: the question.
            after: the turn that it follows, as the user sees it; None: the last one of the branch that is shown.

        Raises:
            NotFoundError: the user has no such conversation, or there is no such turn in it.
            ConversationBusyError: another question of it is being answered.
            ConfigurationError, ModelOverloadedError: as in `begin`.
        """
        parent = after if after is not None else self._table.get(user, conversation).shown
        history = self._history(user, conversation, parent)
        again = carried(self._branch(user, conversation, parent)) if not asked.attachments else ()
        return self._begin(user, conversation, asked, "asked", parent, history, again)[1]

    def regenerate(
        self,
        user: User,
        conversation: str,
        turn: str,
        mode: Mode | None = None,
        budget: int | None = None,
        model: str | None = None,
    ) -> TurnRecord:
        """Answer a question again, as it was asked or with another mode, budget or model; the former answer stays.

        Raises:
            NotFoundError, ConversationBusyError, ModelOverloadedError: as in `go_on`.
        """
        former = self._former(user, conversation, turn)
        before = _asked(former)
        model = before.model if model is None else model
        asked = Question(former.question, mode or before.mode, budget or before.budget, before.filters, model)
        history = self._history(user, conversation, former.parent)
        return self._begin(user, conversation, asked, "regenerated", former.parent, history, rows_of(former))[1]

    def edit(
        self,
        user: User,
        conversation: str,
        turn: str,
        asked: Question,
        *,
        keep_attachments: bool = True,
        keep_budget: bool = False,
    ) -> TurnRecord:
        """Ask another question in the place of one; what was said on the former one stays a version.

        Args:
            user: whose conversation it is.
            conversation, turn: which question.
            asked: the new one; what it has attached comes to what was attached. Where it names no documents, those
                that the former one was narrowed to are kept: whoever edits over the API cannot name them.
            keep_attachments: whether the pictures of the former question belong to this one too.
            keep_budget: whether it has the budget of the former question, not its own.

        Raises:
            NotFoundError, ConversationBusyError, ConfigurationError, ModelOverloadedError: as in `go_on`.
        """
        former = self._former(user, conversation, turn)
        before = _asked(former)
        documents = asked.filters.documents or before.filters.documents
        budget = before.budget if keep_budget else asked.budget
        asked = replace(asked, filters=replace(asked.filters, documents=documents), budget=budget)
        history = self._history(user, conversation, former.parent)
        again = rows_of(former) if keep_attachments else ()
        return self._begin(user, conversation, asked, "edited", former.parent, history, again)[1]

    def attachment(self, user: User, conversation: str, turn: str, number: int) -> Attachment:
        """Return a picture that was attached to a question, from 1.

        Raises:
            NotFoundError: the user has no such conversation, there is no such turn in it, or it has no such picture.
        """
        return self._attached.image(self._former(user, conversation, turn), number)

    def stop(self, user: User, conversation: str, turn: str) -> None:
        """End an answer that is under way, and keep what there is of it; one that has ended stays as it is.

        Raises:
            NotFoundError: the user has no such conversation, or there is no such turn in it.
        """
        self._table.ask_to_stop(user, conversation, turn)
        live = self._keeper.get(turn)
        if live is not None:
            live.stop(STOP_SECONDS)
            self._keeper.try_to_store()

    def decide(self, user: User, conversation: str, turn: str, call: str, decision: Decision) -> None:
        """Take what the person says to a call that waits; after the last one, the turn is answered on.

        The call is made for this user, with the rights of that moment, and once, however often this is said.

        Raises:
            NotFoundError: the user has no such conversation, or there is no such turn or call in it.
            AlreadyDecidedError: the call does not wait any more.
            ToolError: its arguments do not fit, or may not be read now; or the user may not use the tool now.
            ConversationBusyError, ModelOverloadedError: as in `go_on`.
        """
        asked = self.turn(user, conversation, turn)
        row = decided_row(asked, call, decision, user, self._parts.check_call)
        history = self._history(user, conversation, asked.record.parent).messages
        with self.room.place() as give_back:
            record = self._table.decide(user, conversation, turn, call, row, LEASE_SECONDS)
            if record.state != "answering":
                give_back()
                return
            before = so_far(self._shown(user, conversation, self._table.nodes(user, conversation), [turn])[0])
            self._start(Live.going_on(record, before, give_back), user, record, history, before)

    def live(self, user: User, conversation: str, turn: str) -> Live | None:
        """Return the answer to a turn while this process writes it, else None. Raises NotFoundError."""
        find(self._table.nodes(user, conversation), turn, conversation)
        return self._keeper.get(turn)

    def close(self) -> None:
        """End the answers under way; what there is of them is kept."""
        self._keeper.close()

    def _former(self, user: User, conversation: str, turn: str) -> TurnRecord:
        """Return a turn as it was stored, to be asked again. Raises NotFoundError."""
        find(self._table.nodes(user, conversation), turn, conversation)
        return self._table.turns(user, conversation, [turn])[0]

    def _history(self, user: User, conversation: str, parent: str | None) -> History:
        """Return what is told of the turns up to `parent`, as the user may read them now."""
        nodes = self._table.nodes(user, conversation)
        if parent is not None:
            find(nodes, parent, conversation)
        before = self._shown(user, conversation, nodes, branch(nodes, parent))
        return within(before, self._history_tokens, self._parts.count_tokens)

    def _branch(self, user: User, conversation: str, last: str | None) -> list[TurnRecord]:
        """Return the turns up to `last` as they were stored. Raises NotFoundError."""
        return self._table.turns(user, conversation, branch(self._table.nodes(user, conversation), last))

    def _begin(
        self,
        user: User,
        conversation: str | None,
        asked: Question,
        origin: TurnOrigin,
        parent: str | None,
        history: History,
        again: Sequence[Row] = (),
    ) -> tuple[ConversationRecord, TurnRecord]:
        question = clean(asked.text).strip()
        if not question:
            raise ConfigurationError("the question is empty", "ask something")
        options = {
            "mode": asked.mode,
            "budget": asked.budget,
            "filters": filters_row(asked.filters),
            "model": clean(asked.model),
        }
        new = NewTurn(parent, origin, question, options, history.row)
        with self.room.place() as give_back:
            record, turn = self._record(user, conversation, new, asked, again)
            self._start(Live(turn.id, give_back), user, turn, history.messages)
        return record, turn

    def _start(
        self, live: Live, user: User, turn: TurnRecord, history: Sequence[Message], before: SoFar = NOTHING_SO_FAR
    ) -> None:
        self._keeper.add(live)
        what = (self._answer, live, user, turn, history, before)  # in this context: it says where it was asked
        threading.Thread(target=copy_context().run, args=what, name=f"answer-{turn.id[:8]}", daemon=True).start()

    def _record(
        self, user: User, conversation: str | None, new: NewTurn, asked: Question, again: Sequence[Row]
    ) -> tuple[ConversationRecord, TurnRecord]:
        """Record a turn with what is attached to it, or neither."""
        fresh = str(uuid.uuid4())
        kept = self._attached.keep(conversation or fresh, asked.attachments)
        if kept or again:
            new = replace(new, options={**new.options, "attachments": [*again, *kept]})
        try:
            return self._table.begin(user, conversation, new, LEASE_SECONDS, title_of(new.question), fresh)
        except AssistantError:
            self._attached.drop(conversation or fresh, kept)
            raise

    def _answer(self, live: Live, user: User, turn: TurnRecord, history: Sequence[Message], before: SoFar) -> None:
        try:
            asked = replace(_asked(turn), attachments=self._attached.read(turn), history=history)
            stream = self._parts.answerer().stream(asked, user, decide=later, so_far=before)
            self._pour(stream, live)
            live.end("complete")
        except AssistantError as error:
            live.end("interrupted" if live.since(0) else "failed", error)
        except Exception:
            log.exception("an answer failed (turn %s)", turn.id)
            hint = f"the server's log has it as turn {turn.id}"
            live.end("failed", AssistantError("the answer failed", hint))
        self._keeper.try_to_store()
        if turn.parent is None and turn.number == 1:
            self._retitle(user, turn)

    def _pour(self, stream: Iterator[AnswerEvent], live: Live) -> None:
        """Take the events until the stream or the answer ends; the stream is closed, so that a model stops writing."""
        if isinstance(stream, Stoppable):
            live.may_be_stopped_by(stream.stop)
        try:
            for event in stream:
                live.take(event)
                if live.ended.is_set():
                    return
                for tell in self._watching:
                    tell(event)
        finally:
            if isinstance(stream, Generator | Stoppable):
                stream.close()

    def _retitle(self, user: User, turn: TurnRecord) -> None:
        """Let a model name a new conversation; whatever goes wrong, it keeps its first question as its name."""
        try:
            title = model_title(turn.question, user, self._parts.herd())
            if title is not None:
                self._table.rename(user, turn.conversation, title[:LONGEST], by="model")
        except AssistantError as error:
            log.warning("the conversation %s keeps its first question as its title: %s", turn.conversation, error)
        except Exception:
            log.exception("the conversation %s keeps its first question as its title", turn.conversation)


def _asked(turn: TurnRecord) -> Question:
    options = turn.options
    return Question(turn.question, options["mode"], options["budget"], filters_of(options["filters"]), options["model"])
