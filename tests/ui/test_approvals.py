"""Calls that write and wait for the person, in Streamlit's own test harness."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.ui.test_app import ask, labels, start, visible

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def _decision(api: FakeApi) -> Any:
    return next(body for _, path, body in reversed(api.requests) if path.endswith("/decision"))


def _approval(app: AppTest, word: str) -> str:
    """Return the key of the field of the waiting call that `word` names."""
    fields = [*app.text_input, *app.text_area, *app.checkbox]
    (key,) = [str(one.key) for one in fields if str(one.key).startswith("approval-") and str(one.key).endswith(word)]
    return key


def _settled(app: AppTest, words: str) -> AppTest:
    for _ in range(50):
        if words in visible(app.run()):
            break
    assert words in visible(app)
    return app


def test_a_call_that_writes_is_made_as_the_person_changed_it(api: FakeApi) -> None:
    app = _settled(ask(start(), "open a ticket"), "Waits for you")
    assert "420 <b>euros</b>" in visible(app)  # data, not markup
    assert "May the assistant call create_ticket?" in visible(app)
    app.text_input(key=_approval(app, "title")).set_value("Four nights")
    app.text_input(key=_approval(app, "cost")).set_value("560")
    app.checkbox(key=_approval(app, "urgent")).set_value(True)
    next(button for button in app.button if button.label == "Do it").click().run()
    assert _decision(api) == {
        "approved": True,
        "arguments": {"title": "Four nights", "text": "Book a room.\nNear the office.", "cost": 560, "urgent": True},
    }
    assert "ticket 17" in visible(_settled(app, "I have seen to it."))
    assert "Proposed" in visible(app)
    assert "Do it" not in labels(app)


def test_a_call_that_is_not_agreed_to_is_not_made_and_the_reason_is_told(api: FakeApi) -> None:
    app = _settled(ask(start(), "open a ticket"), "Waits for you")
    next(field for field in app.text_input if field.label.startswith("Reason")).set_value("too dear")
    next(button for button in app.button if button.label == "Do not").click().run()
    assert _decision(api) == {"approved": False, "reason": "too dear"}
    assert "too dear" in visible(_settled(app, "Not made"))


def test_arguments_that_cannot_be_read_are_told_and_the_call_still_waits(api: FakeApi) -> None:
    app = _settled(ask(start(), "open a ticket"), "Waits for you")
    app.text_input(key=_approval(app, "cost")).set_value("much")
    next(button for button in app.button if button.label == "Do it").click().run()
    assert "Cost is not JSON" in visible(app)
    app.text_input(key=_approval(app, "cost")).set_value("420")
    app.text_input(key=_approval(app, "title")).set_value("")
    next(button for button in app.button if button.label == "Do it").click().run()
    assert "Title is too short" in visible(app)
    assert "Do it" in labels(app)


def test_a_decision_that_was_made_elsewhere_is_shown(api: FakeApi) -> None:
    app = _settled(ask(start(), "open a ticket"), "Waits for you")
    (held,) = api.talks.held.values()
    assert api.talks.decide(held["turns"][0], "c2", {"approved": True}) is None
    next(button for button in app.button if button.label == "Do it").click().run()
    assert "decided on already" in visible(app)
    assert "ticket 17" in visible(_settled(app, "I have seen to it."))
