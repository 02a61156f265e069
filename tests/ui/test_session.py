"""A script that Streamlit ends wherever it looks at its session: no answer stays unread, no question unseen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import streamlit as st

from tests.fakes.api import FakeApi
from ui import languages, session
from ui.answering import Chat, Turn
from ui.client import ApiClient, ApiError
from ui.views import turns


class EndedError(BaseException):
    """Stands in for Streamlit's RerunException, which is no `Exception` either."""


class Session(MutableMapping[str, Any]):
    """The session's state, as Streamlit has it: each look at it may end the script.

    Attributes:
        left: so many looks go well; negative: all.
    """

    def __init__(self) -> None:
        object.__setattr__(self, "left", -1)
        object.__setattr__(self, "_held", {})

    def _look(self) -> dict[str, Any]:
        if self.left == 0:
            object.__setattr__(self, "left", -1)
            raise EndedError
        object.__setattr__(self, "left", self.left - 1)
        return self._held

    def __getitem__(self, name: str) -> Any:
        return self._look()[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._look()[name] = value

    def __delitem__(self, name: str) -> None:
        del self._look()[name]

    def __iter__(self) -> Any:
        return iter(self._look())

    def __len__(self) -> int:
        return len(self._look())

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def end_after(self, looks: int) -> None:
        object.__setattr__(self, "left", looks)


@pytest.fixture
def held(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The session of a page without a chat."""
    made = Session()
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)
    monkeypatch.setattr(st, "session_state", made)
    monkeypatch.setattr(st, "query_params", {})
    # as the real one: a thread has a language kept, and looks at no session, where it would be ended for the script
    kept = languages._of_thread
    monkeypatch.setattr("ui.languages.current", lambda: kept.get() or made.get("language") or "en")
    return made


def fresh(api: FakeApi, held: Session) -> None:
    api.reset()
    for name in list(held):
        del held[name]


def read(chat: Chat) -> None:
    """Wait until the answer in a chat is there."""
    end = time.monotonic() + 120
    while chat.answering:
        assert time.monotonic() < end, "nobody reads the answer"
        time.sleep(0.01)


def ended_at_each_look(api: FakeApi, held: Session, prepare: Callable[[], None], action: Callable[[], object]) -> int:
    """Do it again and again, ended one look later each time, and look at what is shown then; return how often."""
    for looks in range(1_000):
        fresh(api, held)
        prepare()
        held.end_after(looks)
        try:
            action()
        except EndedError:
            shown = session.current_chat()  # the script runs anew
            read(shown)
            asked = [turn["id"] for talk in api.talks.held.values() for turn in talk["turns"]]
            assert [turn.id for turn in shown.turns] == asked[-len(shown.turns) :] if shown.turns else not asked
            continue
        held.end_after(-1)
        return looks
    raise AssertionError("it never came to its end")


def test_a_conversation_that_is_loaded_while_it_is_answered_is_read_to_its_end(api: FakeApi, held: Session) -> None:
    def prepare() -> None:
        begun = api.talks.begin({"question": "brief"})
        st.query_params = {"chat": begun["conversation"]["id"]}  # type: ignore[assignment]

    assert ended_at_each_look(api, held, prepare, session.current_chat) > 3


def test_the_turn_that_is_answered_need_not_be_the_last() -> None:
    """Where a call of it was agreed to only after the next question."""
    earlier, last = Turn("brief"), Turn("the next one", done=True)
    chat = Chat("c1", turns=[earlier, last])
    assert chat.answering is earlier
    earlier.done = True
    assert chat.answering is None


def test_a_question_that_was_taken_is_shown_and_its_answer_read(api: FakeApi, held: Session) -> None:
    assert ended_at_each_look(api, held, session.current_chat, lambda: session.ask("brief")) > 3


def test_a_question_that_follows_is_shown_and_its_answer_read(api: FakeApi, held: Session) -> None:
    def prepare() -> None:
        session.ask("brief")
        read(session.current_chat())

    assert ended_at_each_look(api, held, prepare, lambda: session.ask("again")) > 3
    assert len(session.current_chat().turns) == 2


def test_an_answer_that_is_made_anew_is_read(api: FakeApi, held: Session) -> None:
    def prepare() -> None:
        session.ask("brief")
        read(session.current_chat())

    assert (
        ended_at_each_look(api, held, prepare, lambda: session.regenerate(session.current_chat().turns[0], "auto", ""))
        > 3
    )


def test_a_question_whose_script_is_given_up_is_in_the_chat_and_refused_there(
    api: FakeApi, held: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, taken, gate = session.current_chat(), threading.Event(), threading.Event()

    def refuse(*_: object) -> None:
        taken.set()
        assert gate.wait(60)
        raise ApiError("the queue is full", "ask again later")

    monkeypatch.setattr(ApiClient, "begin", refuse)
    with ThreadPoolExecutor(1) as pool:
        given_up = pool.submit(session.ask, "brief")
        assert taken.wait(60)
        (turn,) = chat.turns  # as the script that takes its place draws it
        assert chat.answering is turn
        session.ask("again")  # a second click
        held.end_after(0)  # the first script comes to its end at whatever it looks at next
        gate.set()
        given_up.result(60)
    read(chat)
    assert [(one.question, one.error) for one in chat.turns] == [("brief", turn.error)]
    assert turn.error is not None
    assert turn.error.message == "the queue is full"


def test_an_edited_question_that_is_not_taken_is_not_lost(
    api: FakeApi, held: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = session.current_chat()
    session.ask("brief")
    read(chat)
    held["editing"], held[f"edited-{chat.turns[0].id}"] = chat.turns[0].id, "much longer"

    def refuse(*_: object) -> None:
        raise ApiError("the queue is full", "ask again later")

    with monkeypatch.context() as patched:
        patched.setattr(ApiClient, "edit", refuse)
        turns._edited(chat.turns[0])
    assert held["editing"] == chat.turns[0].id
    assert held["complaint"].message == "the queue is full"
    turns._edited(chat.turns[0])
    assert (held["editing"], chat.turns[0].question) == ("", "much longer")
    read(chat)


def test_nothing_of_the_former_person_stays_where_the_script_is_ended_in_between(
    api: FakeApi, held: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for looks in range(1_000):
        monkeypatch.setattr("ui.signed.secret", lambda: "ann")
        session.ask("brief")
        read(session.current_chat())
        monkeypatch.setattr("ui.signed.secret", lambda: "bob")
        held.end_after(looks)
        try:
            session.client()
        except EndedError:
            session.client()
        else:
            break
        assert "chat" not in held
    assert looks > 5


def test_another_address_of_the_person_ends_no_answer(
    api: FakeApi, held: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.ask("slow")
    monkeypatch.setattr("ui.signed.forwarded", lambda: "10.0.0.9")
    session.client()
    read(session.current_chat())
    assert session.current_chat().turns[0].error is None
