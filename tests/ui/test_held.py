"""What a button asks for, where Streamlit gives the run up that has its click."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.fakes.api_overseeing import herd_model
from tests.ui.test_app import start, visible
from tests.ui.test_session import EndedError
from ui import held, once
from ui.client import ApiClient, ApiError
from ui.overseen import Trial


def _script() -> None:
    import streamlit as st

    from ui import held

    state = st.session_state
    held.settle(state.get("at", "here"))
    wish = held.button("Go", "go")
    if wish is not None:
        if state.get("given_up_before"):
            del state["given_up_before"]
            st.rerun()

        def act() -> None:
            state.done = state.get("done", 0) + 1

        held.do(wish, act)
        if state.pop("given_up_after", False):
            st.rerun()
    if not state.get("stops_short"):
        held.clear()


@pytest.mark.parametrize("when", ["given_up_before", "given_up_after"])
def test_what_is_asked_for_is_done_once_however_the_run_ends(when: str) -> None:
    app = AppTest.from_function(_script, default_timeout=240)
    app.session_state[when] = True
    app.run()
    app.button(key="go").click().run()
    assert not app.exception
    assert app.session_state.done == 1
    assert app.run().session_state.done == 1


def test_who_has_left_the_page_does_not_wait_for_it_any_more() -> None:
    app = AppTest.from_function(_script, default_timeout=240)
    app.session_state.given_up_before = app.session_state.stops_short = True
    app.run()
    app.session_state.held["go"] = held_wish()
    app.session_state.at = "elsewhere"
    app.run()
    assert "done" not in app.session_state


def held_wish() -> object:
    from ui.held import Wish

    return Wish()


def test_a_trial_is_made_again_where_its_run_was_given_up(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)
    api.overseeing.herd = [herd_model("maverick")]
    asked: list[str] = []

    def try_model(_self: ApiClient, _model: str, prompt: str, _most: int) -> Iterator[str | Trial]:
        asked.append(prompt)
        yield "Par"
        if len(asked) == 1:
            st.rerun()  # as the browser wants another run meanwhile
        yield "is"
        yield Trial("meta", 0.25, 1.0, 12, 50, 8, 40.0, "stop")

    monkeypatch.setattr(ApiClient, "try_model", try_model)
    app = start("models")
    next(button for button in app.button if button.label == "Ask").click().run()
    assert "First word after 0.25 s" in visible(app)
    assert "Paris" in " ".join(element.value for element in app.html)
    assert len(asked) == 2
    assert "First word after 0.25 s" in visible(app.run())  # it stays where the page is drawn anew
    assert len(asked) == 2


class Runs:
    """Runs of a script in threads, that each have a session's wishes in common; see `held`.

    Attributes:
        done: how often the action was done.
        gate: lets it end.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wishes: dict[str, held.Wish] = {}
        self.done, self.began, self.gate = 0, threading.Event(), threading.Event()
        monkeypatch.setattr(held, "_wishes", lambda: self.wishes)
        monkeypatch.setattr(held, "_runner", threading.current_thread)

    def act(self) -> str:
        self.done += 1
        self.began.set()
        assert self.gate.wait(60)
        return f"outcome {self.done}"

    def run(self) -> str | ApiError | None:
        """Do what is wanted, as a page does; None: nothing was."""
        wish = held.wanted("go")
        return None if wish is None else held.do(wish, self.act)


def test_a_run_that_takes_the_place_of_one_at_work_draws_its_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(monkeypatch)
    held.hold("go", {"of": "this"})
    with ThreadPoolExecutor(2) as pool:
        given_up = pool.submit(runs.run)
        assert runs.began.wait(60)
        held.hold("go", {"of": "this"})  # a second click, as nothing is to be seen
        newer = pool.submit(runs.run)
        runs.gate.set()
        assert [given_up.result(60), newer.result(60)] == ["outcome 1", "outcome 1"]
    assert runs.done == 1


def test_an_outcome_that_was_drawn_is_not_drawn_by_the_next_run_of_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(monkeypatch)
    runs.gate.set()
    held.hold("go")
    assert runs.run() == "outcome 1"
    assert runs.run() is None  # the script asked to be run anew
    held.clear()  # and came to its end
    held.hold("go")
    assert runs.run() == "outcome 2"


def test_what_is_asked_for_otherwise_while_one_is_at_work_is_another_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = Runs(monkeypatch)
    held.hold("go", "this")
    with ThreadPoolExecutor(2) as pool:
        pool.submit(runs.run)
        assert runs.began.wait(60)
        held.hold("go", "that")
        runs.gate.set()
        assert pool.submit(runs.run).result(60) == "outcome 2"


@pytest.mark.parametrize("later", [["that"], ["that", "the third"]])
def test_what_is_sent_last_is_done_last(monkeypatch: pytest.MonkeyPatch, later: list[str]) -> None:
    """Also where what was sent between never began."""
    runs = Runs(monkeypatch)
    held.hold("go", "this")
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(runs.run)
        assert runs.began.wait(60)
        for given in later:
            held.hold("go", given)
        last = pool.submit(runs.run)
        time.sleep(0.2)  # in which it would have begun
        assert (runs.done, last.done()) == (1, False)
        runs.gate.set()
        assert [first.result(60), last.result(60)] == ["outcome 1", "outcome 2"]


def test_a_form_that_was_changed_is_another_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {"edit-wiki-site": "odd", "else": 1}
    monkeypatch.setattr("ui.held.st.session_state", fields)
    given = held.filled("edit-wiki")
    first = given()
    fields["edit-wiki-site"] = "https://wiki"
    assert (first, given()) == ({"edit-wiki-site": "odd"}, {"edit-wiki-site": "https://wiki"})


def test_a_secret_that_was_made_is_kept_where_the_script_is_ended_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, str] = {}
    monkeypatch.setattr(once, "_kept", lambda: kept)
    wish = held.Wish()
    monkeypatch.setattr(held, "_runner", _end)
    with pytest.raises(EndedError):
        once.make(wish, "token", lambda: "tok_1")
    assert kept == {"token": "tok_1"}


def _end() -> object:
    raise EndedError
