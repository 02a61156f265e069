"""A script that Streamlit ends wherever it looks at its session: no answer stays unread, no question unseen."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
import streamlit as st

from tests.fakes.api import FakeApi
from ui import session
from ui.session import Chat


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
    monkeypatch.setattr("ui.languages.current", lambda: made.get("language", "en"))
    return made


def fresh(api: FakeApi, held: Session) -> None:
    api.reset()
    for name in list(held):
        del held[name]


def read(chat: Chat) -> None:
    """Wait until the answer in a chat is there."""
    end = time.monotonic() + 10
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
