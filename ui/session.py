"""What one browser session holds: its chats and their turns, and the API client that all sessions share."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

import streamlit as st

from assistant.settings import load_settings
from ui import texts
from ui.client import ApiClient, ApiError, CitationsEvent, PlanEvent, TextEvent, UsageEvent
from ui.models import Citation, Json, Plan, Status

T = TypeVar("T")
log = logging.getLogger(__name__)

STATUS_SECONDS = 5.0
HISTORY_TURNS = 20
RUN_START_SECONDS = 10.0


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(slots=True)
class Turn:
    """A question and its answer as far as it has come. A reader thread fills it; the page only looks."""

    question: str
    mode: str = "auto"
    sources: tuple[str, ...] = ()
    id: str = field(default_factory=_new_id)
    plan: Plan | None = None
    text: str = ""
    citations: tuple[Citation, ...] = ()
    usage: UsageEvent | None = None
    error: ApiError | None = None
    stopped: bool = False
    done: bool = False

    @property
    def found(self) -> bool:
        """Whether the documents hold an answer, as far as is known."""
        return self.usage is None or self.usage.found

    def stop(self) -> None:
        """Keep what there is and read no further."""
        self.stopped = not self.done
        self.done = True


@dataclass(slots=True)
class Chat:
    """A conversation of this session."""

    id: str = field(default_factory=_new_id)
    turns: list[Turn] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first question, as the chat's name."""
        return self.turns[0].question if self.turns else texts.UNTITLED

    @property
    def answering(self) -> Turn | None:
        """The turn that is being answered now."""
        return self.turns[-1] if self.turns and not self.turns[-1].done else None

    def history(self) -> list[Json]:
        """Return the answered turns as messages, oldest first, for a follow-up."""
        messages: list[Json] = []
        for turn in [turn for turn in self.turns if turn.done and turn.text][-HISTORY_TURNS:]:
            messages += [
                {"role": "user", "content": turn.question},
                {"role": "assistant", "content": turn.text},
            ]
        return messages


@st.cache_resource(show_spinner=False)
def _shared_client(base_url: str) -> ApiClient:
    return ApiClient(base_url)


def client() -> ApiClient:
    """Return the client of the API that the settings name.

    Raises:
        SettingsError: the settings cannot be used.
    """
    if "api_base" not in st.session_state:
        st.session_state.api_base = load_settings().api_base
    return _shared_client(st.session_state.api_base)


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


def expect_run() -> None:
    """Remember that a run was asked for: a worker takes it up in a moment, and the counts will change."""
    st.session_state.pop("status", None)
    st.session_state.run_expected_until = time.monotonic() + RUN_START_SECONDS


def run_expected() -> bool:
    """Whether a run was asked for so recently that it may not be listed yet."""
    return bool(time.monotonic() < st.session_state.get("run_expected_until", 0.0))


def chats() -> list[Chat]:
    """Return this session's chats, oldest first; there is always one."""
    if "chats" not in st.session_state:
        st.session_state.chats = [Chat()]
        st.session_state.chat = st.session_state.chats[0].id
    return cast("list[Chat]", st.session_state.chats)


def current_chat() -> Chat:
    """Return the chat that is shown."""
    known = chats()
    return next((chat for chat in known if chat.id == st.session_state.chat), known[-1])


def open_chat(chat_id: str) -> None:
    """Show the chat `chat_id`."""
    st.session_state.chat = chat_id


def new_chat() -> None:
    """Show an empty chat; one that is still empty is used again."""
    known = chats()
    if known[-1].turns:
        known.append(Chat())
    st.session_state.chat = known[-1].id


def find_turn(turn_id: str) -> Turn | None:
    """Return the turn with this id in the chat that is shown, None if there is none."""
    return next((turn for turn in current_chat().turns if turn.id == turn_id), None)


def ask(question: str, mode: str = "auto", sources: tuple[str, ...] = ()) -> None:
    """Add a turn to the chat that is shown and start to read its answer in the background.

    Nothing happens while an answer is under way, or for an empty question.
    """
    chat, question = current_chat(), question.strip()
    if not question or chat.answering:
        return
    turn, history = Turn(question, mode, sources), chat.history()
    chat.turns.append(turn)
    # A thread, so that a click elsewhere (which makes Streamlit run the script anew) does not cut the answer off.
    threading.Thread(target=_read_answer, args=(client(), turn, history), name=f"answer-{turn.id}", daemon=True).start()


def _read_answer(api: ApiClient, turn: Turn, history: list[Json]) -> None:
    try:
        for event in api.ask(turn.question, mode=turn.mode, history=history, sources=list(turn.sources) or None):
            if turn.stopped:
                return
            if isinstance(event, PlanEvent):
                turn.plan = event.plan
            elif isinstance(event, TextEvent):
                turn.text += event.delta
            elif isinstance(event, CitationsEvent):
                turn.citations = event.citations
            else:
                turn.text, turn.usage = event.answer or turn.text, event
    except ApiError as error:
        turn.error = error
    except Exception:
        log.exception("reading an answer failed")
        turn.error = ApiError(texts.UNEXPECTED, texts.UNEXPECTED_HINT)
        raise
    finally:
        turn.done = True


def attempt(action: Callable[[], T]) -> T | ApiError:
    """Return what `action` returns, or the API's error as a value, for the page to show."""
    try:
        return action()
    except ApiError as error:
        return error
