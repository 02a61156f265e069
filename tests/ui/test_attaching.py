"""Files that a question is asked about: they are brought and read first, and wait where the question was written."""

from __future__ import annotations

import copy

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_composing import OWN
from tests.ui.test_app import ask, asked, labels, press, settings, start, visible
from tests.ui.test_asking import narrowed
from ui import session
from ui.answering import Chat, Turn
from ui.scopes import Scope
from ui.uploads import Upload
from ui.views import attaching
from ui.views.attaching import Taking, Wanted
from ui.views.unasked import Unasked

__all__ = ["settings"]  # the fixture that leads to the scripted API


def bring(app: AppTest, *names: str) -> None:
    """Attach files to a question, as the field does."""
    wanted = Wanted("What does a hotel cost?", "auto", Scope(), "")
    taking = Taking(app.session_state.chat, wanted, tuple((name, b"x") for name in names))
    app.session_state.taking = (taking,)
    app.run()
    assert not app.exception


def test_files_are_brought_read_and_asked_about(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf")
    assert "Taking in your files" in visible(app)
    assert app.chat_input(key="question").disabled
    assert ("POST", "/api/uploads", ["offer.pdf"]) in api.requests
    for _ in range(3):
        app.run()
    assert narrowed(api) == {"sources": [OWN], "paths": ["offer.pdf"]}
    assert "140 euros" in visible(app)
    assert "offer.pdf" in [label.replace("\\", "") for label in labels(app)]


def test_a_file_that_takes_the_place_of_another_says_so_and_is_private(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf")
    for _ in range(3):
        app.run()
    api.uploads["offer.pdf"]["readers"] = ["sales"]
    bring(app, "offer.pdf")
    assert "in the place of your former file" in visible(app)
    assert api.uploads["offer.pdf"]["readers"] == []


def test_a_file_that_cannot_be_read_is_named_and_the_person_decides(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf", "damaged.docx", "run.exe")
    for _ in range(3):
        app.run()
    shown = visible(app)
    assert "damaged.docx is damaged" in shown
    assert "no parser reads this type" in shown
    assert not [body for _, path, body in api.requests if path == "/api/conversations" and body]
    press(app, "taking-ask")
    app.run()
    assert narrowed(api) == {"sources": [OWN], "paths": ["offer.pdf"]}


def test_of_two_files_of_one_name_the_second_is_waited_for(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf", "offer.pdf")
    for _ in range(3):
        app.run()
    assert narrowed(api) == {"sources": [OWN], "paths": ["offer.pdf"]}


def test_a_click_on_the_chat_that_is_open_keeps_the_files(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    bring(app, "offer.pdf")
    app.session_state.chat = copy.copy(app.session_state.chat)  # as opening it anew makes it
    app.run()
    assert "Taking in your files" in visible(app)


def test_files_that_a_run_sends_are_not_sent_by_the_one_that_takes_its_place(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ask(start(), "What does a hotel cost?")
    taking = Taking(app.session_state.chat, Wanted("And now?", "auto", Scope(), ""), (("offer.pdf", b"offer"),))
    app.session_state.taking = (taking,)
    with taking.at_work:
        app.run()
    assert ("POST", "/api/uploads", ["offer.pdf"]) not in api.requests
    app.run()
    assert api.requests.count(("POST", "/api/uploads", ["offer.pdf"])) == 1


def test_files_that_wait_for_a_question_stay_with_their_chat(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    waiting = Unasked(app.session_state.chat)
    waiting.add((("one.png", b"1"), ("one.png", b"2")))
    app.session_state.unasked = (waiting,)
    app.session_state.chat = copy.copy(app.session_state.chat)  # as another version of an answer makes it
    app.run()
    chips = [button.key for button in app.button if (button.key or "").startswith("unasked-")]
    assert chips == [f"unasked-{one}" for one in waiting.by_id]
    press(app, str(chips[0]))
    assert [data for _, data in waiting.files] == [b"2"]
    press(app, "new-chat")
    assert not [button.key for button in app.button if (button.key or "").startswith("unasked-")]
    press(app, f"chat-{waiting.chat.id}")
    assert [button.key for button in app.button if (button.key or "").startswith("unasked-")] == chips[1:]


def test_a_question_with_files_waits_while_another_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is so where a dialog is open: it would be dropped with its files."""
    chat = Chat("c1", turns=[Turn("brief")])
    asked: list[str] = []
    monkeypatch.setattr("ui.session.current_chat", lambda: chat)
    monkeypatch.setattr("ui.session.ask", lambda question, *_: asked.append(question))
    taking = Taking(chat, Wanted("And now?", "auto", Scope(), ""), (("offer.pdf", b"offer"),))
    attaching._ask(taking)
    assert (asked, taking.is_asked) == ([], False)
    chat.turns[0].done = True
    attaching._ask(taking)
    assert (asked, taking.is_asked) == (["And now?"], True)


def test_a_question_that_was_not_taken_is_not_stopped(api: FakeApi) -> None:
    turn = Turn("brief")
    turn.asked.set()
    before = len(api.requests)
    session.stop(turn)
    assert len(api.requests) == before


def test_a_question_whose_run_was_given_up_is_asked_once(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    taking = Taking(app.session_state.chat, Wanted("And now?", "auto", Scope(), ""), (("offer.pdf", b"offer"),))
    taking.sent = (Upload("own", "offer.pdf", 5, (), 0.0, "indexed", "", None),)
    taking.is_asked = True
    app.session_state.taking = (taking,)
    app.run()
    assert app.session_state.taking == ()
    (held,) = api.talks.held.values()
    assert len(held["turns"]) == 1


def test_a_question_is_dropped_with_its_files(api: FakeApi) -> None:
    app = start()
    bring(app, "run.exe")
    assert "None of the files could be read" in visible(app)
    press(app, "taking-drop")
    app.run()
    assert not app.chat_input(key="question").disabled
    assert not api.talks.held


def test_files_that_cannot_be_sent_are_tried_again_only_when_asked(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.session.STATUS_SECONDS", 3600.0)  # a slow machine is not to ask for it in between
    app = start()
    api.refusal = Refused(503, "the store is full", "make room", "StorageFullError")
    bring(app, "a.pdf", "b.pdf")
    app.run()
    assert "The store is full" in visible(app)
    assert len([path for method, path, _ in api.requests if (method, path) == ("POST", "/api/uploads")]) == 1
    api.refusal = None
    press(app, "retry-taking")
    assert ("POST", "/api/uploads", ["a.pdf", "b.pdf"]) in api.requests


def test_another_chat_does_not_wait_for_the_files_and_leads_back_to_the_question(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf")
    (waiting,) = app.session_state.taking
    press(app, "new-chat")
    assert "Taking in your files" not in visible(app)
    assert "\u201cWhat does a hotel cost?\u201d waits in another chat" in visible(app)
    assert not app.chat_input(key="question").disabled
    assert not asked(api)
    press(app, f"back-{waiting.id}")
    for _ in range(3):
        app.run()
    assert narrowed(api) == {"sources": [OWN], "paths": ["offer.pdf"]}
    assert "waits in another chat" not in visible(app)


def test_a_question_in_another_chat_is_let_go_of(api: FakeApi) -> None:
    app = start()
    bring(app, "offer.pdf")
    (waiting,) = app.session_state.taking
    press(app, "new-chat")
    press(app, f"drop-{waiting.id}")
    assert "waits in another chat" not in visible(app)
    assert app.session_state.taking == ()


def test_a_question_whose_chat_was_deleted_waits_in_a_new_one(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    bring(app, "offer.pdf")
    (waiting,) = app.session_state.taking
    press(app, "new-chat")
    api.talks.held.clear()
    press(app, f"back-{waiting.id}")
    for _ in range(3):
        app.run()
    assert narrowed(api) == {"sources": [OWN], "paths": ["offer.pdf"]}
