"""A chat and its turns as a session holds them, and what fills them in a thread while the page looks."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from ui import texts, told
from ui.client import (
    ApiClient,
    ApiError,
    ApiUnreachableError,
    BrokenOffError,
    CitationsEvent,
    PlanEvent,
    TextEvent,
    ToolEvent,
)
from ui.models import Citation, Plan, StoredTurn, ToolUse
from ui.scopes import EVERYTHING, Scope
from ui.talk_models import Said

Files = tuple[tuple[str, bytes], ...]
log = logging.getLogger(__name__)

RESUME_SECONDS, LOST_SECONDS = 1.0, 120.0  # between two tries to read on, and in all


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(slots=True)
class Turn:
    """A question and its answer as far as it has come. A reader thread fills it; the page only looks.

    `files` are what was attached, where the API did not take the question; `looks` are attachments that were shown.
    `stored` is the turn as the API has it, None where it did not take the question: `error` says why then. `news` is
    set when there is more of it, `asked` when the API has taken the question or not, and `lost` tells that the
    connection to the API is gone, for now.
    """

    question: str
    mode: str = "auto"
    scope: Scope = EVERYTHING
    model: str = ""
    files: Files = ()
    looks: dict[int, bytes] = field(default_factory=dict)
    id: str = field(default_factory=_new_id)
    stored: StoredTurn | None = None
    plan: Plan | None = None
    text: str = ""
    citations: tuple[Citation, ...] = ()
    tools: dict[str, ToolUse] = field(default_factory=dict)
    error: ApiError | None = None
    done: bool = False
    news: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    lost: bool = False

    @classmethod
    def of(cls, stored: StoredTurn) -> Turn:
        """Return the turn that the API has."""
        turn = cls(stored.question, stored.mode, stored.scope, stored.asked_model)
        turn.take(stored)
        return turn

    def take(self, stored: StoredTurn) -> None:
        """Take what the API has of the turn; it is the truth."""
        self.id, self.files = stored.id, ()
        self.stored, self.plan, self.text, self.citations = stored, stored.plan, stored.text, stored.citations
        self.tools = {use.id: use for use in stored.tools}
        self.error = None if stored.error is None else ApiError(*told.error(*stored.error), stored.error[2])
        self.done = stored.state != "answering"
        self.asked.set()

    @property
    def waiting(self) -> tuple[ToolUse, ...]:
        """Calls that are made only if the person agrees."""
        stored = self.stored
        return tuple(one for one in stored.tools if one.state == "waiting") if stored and self.done else ()

    @property
    def found(self) -> bool:
        """Whether the documents hold an answer, as far as is known."""
        return self.stored is None or self.stored.found is not False


@dataclass(slots=True)
class Chat:
    """The conversation that is shown; `id` is empty until its first question was asked.

    `unread` is why it could not be read from the API, for now.
    """

    id: str = ""
    title: str = ""
    turns: list[Turn] = field(default_factory=list)
    unread: ApiError | None = None
    said: dict[str, Said] | None = None  # what was said of its answers, by turn; None: it was not asked for yet

    @property
    def answering(self) -> Turn | None:
        """The turn that is being answered now; it need not be the last one, where a call was agreed to later."""
        return next((turn for turn in self.turns if not turn.done), None)


def answer(api: ApiClient, chat: Chat, turn: Turn, put: Callable[[], None]) -> None:
    """Put the question of a turn, and read its answer; whatever comes of it, the turn is done at the end.

    Args:
        api: speaks for the person.
        chat: the turn's.
        turn: is filled.
        put: asks the question; it fills the turn with what the API has of it.
    """
    try:
        put()
        _read_through(api, chat.id, turn)
    except ApiError as error:
        if not turn.done:
            turn.error = error
    except Exception:
        log.exception("reading an answer failed")
        turn.error = ApiError(texts.UNEXPECTED, texts.UNEXPECTED_HINT)
        raise
    finally:
        turn.done = True
        turn.asked.set()
        turn.news.set()


def _read_through(api: ApiClient, conversation: str, turn: Turn) -> None:
    """Read the answer to its end, over connections that are lost."""
    lost_at: float | None = None
    while True:
        known = len(turn.text)
        try:
            return _read_on(api, conversation, turn)
        except (BrokenOffError, ApiUnreachableError):
            now = time.monotonic()
            if lost_at is None or len(turn.text) > known:
                lost_at = now
            if turn.done or now - lost_at > LOST_SECONDS:
                raise
            turn.lost = True
            turn.news.set()
            time.sleep(RESUME_SECONDS)


def _read_on(api: ApiClient, conversation: str, turn: Turn) -> None:
    """Read the answer from where it was left, to its end or until it is stopped."""
    for event in api.follow(conversation, turn.id, len(turn.text)):
        if turn.done:
            return
        turn.lost = False
        if isinstance(event, PlanEvent):
            turn.plan = event.plan
        elif isinstance(event, TextEvent):
            turn.text += event.delta
        elif isinstance(event, ToolEvent):
            turn.tools = {**turn.tools, event.use.id: event.use}
        elif isinstance(event, CitationsEvent):
            turn.citations = event.citations
        else:
            turn.take(event.turn)
        turn.news.set()
