"""What a button asks for, where Streamlit gives the run up that has its click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.fakes.api_overseeing import herd_model
from tests.ui.test_app import start, visible
from ui.client import ApiClient
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
    app = AppTest.from_function(_script, default_timeout=60)
    app.session_state[when] = True
    app.run()
    app.button(key="go").click().run()
    assert not app.exception
    assert app.session_state.done == 1
    assert app.run().session_state.done == 1


def test_who_has_left_the_page_does_not_wait_for_it_any_more() -> None:
    app = AppTest.from_function(_script, default_timeout=60)
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
