"""What one browser session holds: the chat that it shows, and the API client that speaks for its person alone.

Conversations belong to the API. A session keeps a copy of the one that is shown, which grows as its answer is read.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

import streamlit as st

from ui import answering, languages, signed
from ui.answering import Chat, Files, Turn
from ui.client import ApiClient, ApiError
from ui.models import Status, StoredConversation, StoredTurn
from ui.scopes import EVERYTHING, Scope

T = TypeVar("T")

STATUS_SECONDS = 5.0
RUN_START_SECONDS = 10.0


class _Follow(Protocol):
    """Begins to read the answer of a turn, after what puts its question."""

    def __call__(self, chat: Chat, turn: Turn, put: Callable[[], None] = ...) -> None: ...


def client() -> ApiClient:
    """Return this session's client of the API that the settings name, with the sign-in of its browser.

    Where another person is signed in with the browser by now, nothing stays of what the session held. A former client
    is not closed: an answer may be read with it. Its connections end with it.

    Raises:
        SettingsError: the settings cannot be used.
    """
    secret, forwarded = signed.secret(), signed.forwarded()
    held: ApiClient | None = st.session_state.get("client")
    if held is not None and held.secret == secret and held.forwarded == forwarded:
        return held
    if held is not None and held.secret != secret:  # somebody else is signed in
        language = languages.chosen()  # the browser's, whoever sits before it
        for name in list(st.session_state):
            if name != "client":  # last, below: as long as it is there, what is left of the former person is too
                st.session_state.pop(name, None)
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


def known_status() -> Status | None:
    """Return the API's status as it was last said, None where it was not."""
    known: tuple[float, Status] | None = st.session_state.get("status")
    return known[1] if known else None


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
        if isinstance(opened, ApiError) and opened.code != "NotFoundError":
            st.session_state.chat = Chat(named, unread=opened)
        elif isinstance(opened, ApiError):
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


def open_again() -> None:
    """Open the chat that the address names once more, where it could not be read."""
    st.session_state.pop("chat", None)


def new_chat() -> None:
    """Show an empty chat."""
    show(Chat())


def show(chat: Chat) -> None:
    """Show a chat that this session holds."""
    st.session_state.chat = chat


def find_turn(turn_id: str) -> Turn | None:
    """Return the turn with this id in the chat that is shown, None if there is none."""
    return next((turn for turn in current_chat().turns if turn.id == turn_id), None)


def is_shown(chat: Chat) -> bool:
    """Return whether this is the chat that is shown; read anew, it is another object."""
    shown = current_chat()
    return chat is shown or bool(shown.id and shown.id == chat.id)


def ask(
    question: str,
    mode: str = "auto",
    scope: Scope = EVERYTHING,
    model: str = "",
    files: Files = (),
    taken: Callable[[], None] = lambda: None,
) -> None:
    """Ask in the chat that is shown, with pictures as names and bytes, and read the answer in the background.

    Nothing happens while an answer is under way, or for an empty question. The question is in the chat from now on,
    and `taken` is called; where the API does not take it, its turn says why.
    """
    chat, question = current_chat(), question.strip()
    if not question or chat.answering:
        return
    asked: dict[str, Any] = {"question": question, "mode": mode, "model": model, **scope.asked()}
    if files:
        asked["attachments"] = [{"name": name, "data": b64encode(data).decode("ascii")} for name, data in files]
    last = next((turn.id for turn in reversed(chat.turns) if turn.stored), "")
    turn, api, follow = Turn(question, mode, scope, model, files), client(), _reader()

    def put() -> None:
        if last:
            turn.take(api.go_on(chat.id, asked, last))
        else:
            begun, stored = api.begin(asked)
            chat.id, chat.title = begun.id, begun.title
            turn.take(stored)

    chat.turns.append(turn)
    taken()
    follow(chat, turn, put)
    turn.asked.wait()  # no longer than the API's patience; a script that is ended meanwhile has left nothing to do


def regenerate(turn: Turn, mode: str, model: str) -> None:
    """Answer a question of the chat that is shown again."""
    chat, api = current_chat(), client()
    _replace(chat, turn, lambda: api.regenerate(chat.id, turn.id, mode, model))


def edit(turn: Turn, question: str) -> bool:
    """Ask another question in the place of one of the chat that is shown; return whether it was taken."""
    chat, api = current_chat(), client()
    asked = {"question": question, "mode": turn.mode, "model": turn.model, **turn.scope.asked()}
    return _replace(chat, turn, lambda: api.edit(chat.id, turn.id, asked))


def stop(turn: Turn) -> None:
    """End an answer that is under way; what there is of it is kept."""
    chat, api = current_chat(), client()
    turn.asked.wait()
    if turn.stored is None:
        return  # the API did not take it, and the turn says why
    try:
        turn.take(api.stop(chat.id, turn.id))
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


def _show(stored: StoredConversation, follow: _Follow) -> None:
    chat = Chat(stored.id, stored.title, [Turn.of(turn) for turn in stored.turns])
    if chat.answering:
        follow(chat, chat.answering)
    st.session_state.chat = chat


def _replace(chat: Chat, turn: Turn, action: Callable[[], StoredTurn]) -> bool:
    """Put what the action makes in the place of a turn; what followed it belongs to the former version.

    Returns:
        Whether something was made: nothing is while an answer is under way, or where the API does not take it.
    """
    at = next((number for number, one in enumerate(chat.turns) if one.id == turn.id), None)
    if chat.answering or at is None:
        return False
    follow = _reader()
    made = attempt(lambda: Turn.of(action()))
    if isinstance(made, ApiError):
        complain(made)
        return False
    chat.turns[at:] = [made]
    follow(chat, made)
    return True


def _reader() -> _Follow:
    """Return what reads an answer in a thread, so that a click elsewhere does not cut it off.

    Wherever a script looks at its session, Streamlit may end it to run it anew. All that is looked at there is looked
    at here, before the question is asked: between the API's taking it and the reading nothing can come.
    """
    api, put_and_read = client(), languages.kept_in_thread(answering.answer)

    def follow(chat: Chat, turn: Turn, put: Callable[[], None] = lambda: None) -> None:
        threading.Thread(
            target=put_and_read, args=(api, chat, turn, put), name=f"answer-{turn.id}", daemon=True
        ).start()

    return follow


def attempt(action: Callable[[], T]) -> T | ApiError:
    """Return what `action` returns, or the API's error as a value, for the page to show.

    The language is looked up before: to word an error is then no look at the session, where the script may be ended.
    """
    try:
        return languages.kept_in_thread(action)()
    except ApiError as error:
        return error
