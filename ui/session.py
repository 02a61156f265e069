"""What one browser session holds: the chat that it shows, and the API client that speaks for its person alone.

Conversations belong to the API. A session keeps a copy of the one that is shown, which grows as its answer is read.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import streamlit as st

from ui import languages, signed, texts, told
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
from ui.models import Citation, Plan, Status, StoredConversation, StoredTurn, ToolUse
from ui.scopes import EVERYTHING, Scope
from ui.talk_models import Said

T = TypeVar("T")
Files = tuple[tuple[str, bytes], ...]
Follow = Callable[["Chat", "Turn"], None]
log = logging.getLogger(__name__)

STATUS_SECONDS = 5.0
RESUME_SECONDS, LOST_SECONDS = 1.0, 120.0  # between two tries to read on, and in all
RUN_START_SECONDS = 10.0


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(slots=True)
class Turn:
    """A question and its answer as far as it has come. A reader thread fills it; the page only looks.

    `files` are what was attached, where the API did not take the question; `looks` are attachments that were shown.
    `stored` is the turn as the API has it, None where it did not take the question: `error` says why then. `news` is
    set when there is more of it, and `lost` tells that the connection to the API is gone, for now.
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
    lost: bool = False

    @classmethod
    def of(cls, stored: StoredTurn) -> Turn:
        """Return the turn that the API has."""
        turn = cls(stored.question, stored.mode, stored.scope, stored.asked_model, id=stored.id)
        turn.take(stored)
        return turn

    def take(self, stored: StoredTurn) -> None:
        """Take what the API has of the turn; it is the truth."""
        self.stored, self.plan, self.text, self.citations = stored, stored.plan, stored.text, stored.citations
        self.tools = {use.id: use for use in stored.tools}
        self.error = None if stored.error is None else ApiError(*told.error(*stored.error), stored.error[2])
        self.done = stored.state != "answering"

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
    """The conversation that is shown; `id` is empty until its first question was asked."""

    id: str = ""
    title: str = ""
    turns: list[Turn] = field(default_factory=list)
    said: dict[str, Said] | None = None  # what was said of its answers, by turn; None: it was not asked for yet

    @property
    def answering(self) -> Turn | None:
        """The turn that is being answered now."""
        return self.turns[-1] if self.turns and not self.turns[-1].done else None


def client() -> ApiClient:
    """Return this session's client of the API that the settings name, with the sign-in of its browser.

    Where another person is signed in with the browser by now, nothing stays of what the session held.

    Raises:
        SettingsError: the settings cannot be used.
    """
    secret, forwarded = signed.secret(), signed.forwarded()
    held: ApiClient | None = st.session_state.get("client")
    if held is not None and held.secret == secret and held.forwarded == forwarded:
        return held
    if held is not None:
        held.close()
        if held.secret != secret:  # somebody else is signed in
            language = languages.chosen()  # the browser's, whoever sits before it
            for name in list(st.session_state):
                del st.session_state[name]
            languages.choose(language)
    made = ApiClient(signed.settings().api_base, secret=secret, forwarded=forwarded)
    st.session_state.client = made
    return made


def status(fresh: bool = False) -> Status:
    """Return the API's status, at most five seconds old.

    Raises:
        ApiError: as `ApiClient.status`; nothing old is returned then.
    """
    known: tuple[float, Status] | None = st.session_state.get("status")
    if known and not fresh and time.monotonic() - known[0] < STATUS_SECONDS:
        return known[1]
    st.session_state.pop("status", None)
    current = client().status()
    st.session_state.status = (time.monotonic(), current)
    return current


def expect_run(source: str = "", before: str = "") -> None:
    """Remember that a run was asked for: a worker takes it up in a moment, and the counts will change.

    Args:
        source: whose; empty: it is not known.
        before: id of its newest run so far, empty if there is none.
    """
    st.session_state.pop("status", None)
    st.session_state.run_expected_until = time.monotonic() + RUN_START_SECONDS
    st.session_state.run_expected_of = (source, before)


def look_for_run() -> None:
    """See whether the run that was asked for is over already, so that nobody waits for it to begin."""
    source, before = st.session_state.get("run_expected_of", ("", ""))
    if not source or not run_expected():
        return
    newest = attempt(lambda: client().find_runs(source=source, limit=1))
    if isinstance(newest, ApiError):
        return
    if any(run.id != before and not run.running for run in newest.runs):
        st.session_state.run_expected_until = 0.0


def run_expected() -> bool:
    """Whether a run was asked for so recently that it may not be listed yet."""
    return bool(time.monotonic() < st.session_state.get("run_expected_until", 0.0))


def current_chat() -> Chat:
    """Return the chat that is shown: a new one at first, or the one that the address names."""
    named = "" if "chat" in st.session_state else st.query_params.get("chat", "")
    if named:
        opened = attempt(lambda: open_chat(named))
        if isinstance(opened, ApiError):
            complain(opened)
    if "chat" not in st.session_state:  # last: a script that is ended before it opens it when it runs anew
        st.session_state.chat = Chat()
    return cast(Chat, st.session_state.chat)


def open_chat(chat_id: str) -> None:
    """Show the conversation `chat_id`, and follow the answer that is being written in it.

    Raises:
        ApiError: there is none, or it cannot be read.
    """
    follow = _reader()
    _show(client().conversation(chat_id), follow)


def new_chat() -> None:
    """Show an empty chat."""
    st.session_state.chat = Chat()


def find_turn(turn_id: str) -> Turn | None:
    """Return the turn with this id in the chat that is shown, None if there is none."""
    return next((turn for turn in current_chat().turns if turn.id == turn_id), None)


def ask(question: str, mode: str = "auto", scope: Scope = EVERYTHING, model: str = "", files: Files = ()) -> None:
    """Ask in the chat that is shown, with pictures as names and bytes, and read the answer in the background.

    Nothing happens while an answer is under way, or for an empty question. Where the API does not take the question,
    the turn says why.
    """
    chat, question = current_chat(), question.strip()
    if not question or chat.answering:
        return
    asked: dict[str, Any] = {"question": question, "mode": mode, "model": model, **scope.asked()}
    if files:
        asked["attachments"] = [{"name": name, "data": b64encode(data).decode("ascii")} for name, data in files]
    last = next((turn.id for turn in reversed(chat.turns) if turn.stored), "")
    api, follow = client(), _reader()
    try:
        if last:
            turn = Turn.of(api.go_on(chat.id, asked, last))
        else:
            begun, stored = api.begin(asked)
            chat.id, chat.title, turn = begun.id, begun.title, Turn.of(stored)
    except ApiError as error:
        chat.turns.append(Turn(question, mode, scope, model, files, error=error, done=True))
        return
    chat.turns.append(turn)
    follow(chat, turn)


def regenerate(turn: Turn, mode: str, model: str) -> None:
    """Answer a question of the chat that is shown again."""
    chat, api = current_chat(), client()
    _replace(chat, turn, lambda: api.regenerate(chat.id, turn.id, mode, model))


def edit(turn: Turn, question: str) -> None:
    """Ask another question in the place of one of the chat that is shown."""
    chat, api = current_chat(), client()
    asked = {"question": question, "mode": turn.mode, "model": turn.model, **turn.scope.asked()}
    _replace(chat, turn, lambda: api.edit(chat.id, turn.id, asked))


def stop(turn: Turn) -> None:
    """End an answer that is under way; what there is of it is kept."""
    chat = current_chat()
    try:
        turn.take(client().stop(chat.id, turn.id))
    except ApiError as error:
        complain(error)


def decide(turn: Turn, call: str, decision: dict[str, Any]) -> None:
    """Say whether a call that waits is made, and read on where that was the last one that waited."""
    chat, api, follow = current_chat(), client(), _reader()
    try:
        turn.take(api.decide(chat.id, turn.id, call, decision))
    except ApiError as error:
        complain(error)
        if error.code == "AlreadyDecidedError":  # elsewhere: show what came of it
            opened = attempt(lambda: open_chat(chat.id))
            if isinstance(opened, ApiError):
                complain(opened)
        return
    if not turn.done:
        follow(chat, turn)


def attachment(turn: Turn, number: int) -> bytes | ApiError:
    """Return a picture that was attached to a question of the chat that is shown."""
    if number not in turn.looks:
        found = attempt(lambda: client().attachment(current_chat().id, turn.id, number))
        if isinstance(found, ApiError):
            return found
        turn.looks[number] = found
    return turn.looks[number]


def show_version(turn_id: str) -> None:
    """Show the branch of the chat that goes through another version of a turn."""
    try:
        follow = _reader()
        _show(client().show_version(current_chat().id, turn_id), follow)
    except ApiError as error:
        complain(error)


def complain(error: ApiError) -> None:
    """Show an error once, where the page is drawn next."""
    st.session_state.complaint = error


def _show(stored: StoredConversation, follow: Follow) -> None:
    chat = Chat(stored.id, stored.title, [Turn.of(turn) for turn in stored.turns])
    if chat.answering:
        follow(chat, chat.answering)
    st.session_state.chat = chat


def _replace(chat: Chat, turn: Turn, action: Callable[[], StoredTurn]) -> None:
    """Put what the action makes in the place of a turn; what followed it belongs to the former version."""
    if chat.answering:
        return
    follow = _reader()
    try:
        made = Turn.of(action())
    except ApiError as error:
        complain(error)
        return
    chat.turns[chat.turns.index(turn) :] = [made]
    follow(chat, made)


def _reader() -> Follow:
    """Return what reads an answer in a thread, so that a click elsewhere does not cut it off.

    Wherever a script looks at its session, Streamlit may end it to run it anew. All that is looked at there is looked
    at here, before the question is asked: between the API's taking it and the reading nothing can come.
    """
    api, read = client(), languages.kept_in_thread(_read_answer)

    def follow(chat: Chat, turn: Turn) -> None:
        threading.Thread(target=read, args=(api, chat.id, turn), name=f"answer-{turn.id}", daemon=True).start()

    return follow


def _read_answer(api: ApiClient, conversation: str, turn: Turn) -> None:
    lost_at: float | None = None
    try:
        while True:
            known = len(turn.text)
            try:
                _read_on(api, conversation, turn)
                break
            except (BrokenOffError, ApiUnreachableError):
                now = time.monotonic()
                if lost_at is None or len(turn.text) > known:
                    lost_at = now
                if turn.done or now - lost_at > LOST_SECONDS:
                    raise
                turn.lost = True
                turn.news.set()
                time.sleep(RESUME_SECONDS)
    except ApiError as error:
        if not turn.done:
            turn.error = error
    except Exception:
        log.exception("reading an answer failed")
        turn.error = ApiError(texts.UNEXPECTED, texts.UNEXPECTED_HINT)
        raise
    finally:
        turn.done = True
        turn.news.set()


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


def attempt(action: Callable[[], T]) -> T | ApiError:
    """Return what `action` returns, or the API's error as a value, for the page to show."""
    try:
        return action()
    except ApiError as error:
        return error
