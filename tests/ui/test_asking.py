"""What leads to a question: scopes, estimates, suggestions, files that are brought, the first steps."""

from __future__ import annotations

import copy
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_composing import OWN
from tests.ui.test_app import ask, asked, labels, press, settings, start, visible
from ui import session
from ui.answering import Chat, Turn
from ui.run import SCRIPT
from ui.scopes import Scope
from ui.uploads import Upload
from ui.views import attaching
from ui.views.attaching import Taking, Wanted
from ui.views.unasked import Unasked

__all__ = ["settings"]  # the fixture that leads to the scripted API
HOTELS = "What does \u201cTravel policy\u201d say about \u201cHotels and meals\u201d?"


def narrowed(api: FakeApi) -> dict[str, object]:
    """Return what the last question was narrowed to."""
    fields = ("sources", "types", "paths", "after", "before", "languages")
    return {name: value for name, value in asked(api)[-1].items() if name in fields}


def test_folders_types_and_days_go_with_the_question_and_can_be_taken_back(api: FakeApi) -> None:
    app = start()
    app.multiselect(key="scope-folders").set_value(["travel", "hr/policies"])
    app.multiselect(key="scope-types").set_value(["pdf"])
    app.date_input(key="scope-since").set_value(date(2026, 1, 1))
    app.date_input(key="scope-until").set_value(date(2026, 3, 31)).run()
    assert not app.exception
    shown = [one.proto.popover.label for one in app.get("popover")]
    assert r"2 folders \u00b7 PDF \u00b7 2026\-01\-01 to 2026\-03\-31".replace(r"\u00b7", "\u00b7") in shown
    ask(app, "hotel?")
    days = {"after": "2026-01-01", "before": "2026-04-01"}
    assert narrowed(api) == {"sources": None, "paths": ["travel", "hr/policies"], "types": ["pdf"], **days}
    press(app, "scope-reset")
    ask(app, "hotel?")
    assert narrowed(api) == {"sources": None}


def test_days_that_leave_nothing_between_them_are_said(api: FakeApi) -> None:
    app = start()
    app.date_input(key="scope-since").set_value(date(2026, 3, 1))
    app.date_input(key="scope-until").set_value(date(2026, 1, 1)).run()
    assert "nothing can lie between them" in visible(app)


def test_a_source_that_is_gone_is_not_asked_for(api: FakeApi) -> None:
    app = start()
    app.multiselect(key="scope").set_value(["handbook"]).run()
    api.documents.clear()
    api.documents.extend(_uploaded("mine.pdf"))
    app.session_state.status = None
    app.run()
    assert not app.exception
    assert app.multiselect(key="scope").value == []
    assert app.multiselect(key="scope").options == ["My uploads (1)"]


def _uploaded(*names: str):
    from tests.fakes.api_content import FakeDocument

    return [FakeDocument(OWN, name, name, "application/pdf", "Hotels.") for name in names]


def test_a_document_that_the_address_names_is_asked_about_alone(api: FakeApi) -> None:
    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240)
    app.query_params.update({"about_source": "handbook", "about_key": "people/leave.md"})
    app.run()
    assert not app.exception
    assert "Asking about" in visible(app)
    assert [str(one.key) for one in app.button if str(one.key).startswith("suggestion-")] == ["suggestion-0"]
    ask(app, "hotel?")
    assert narrowed(api) == {"sources": ["handbook"], "paths": ["people/leave.md"]}
    press(app, "about-0")
    ask(app, "hotel?")
    assert narrowed(api) == {"sources": None}


def test_a_document_that_may_not_be_read_is_not_asked_about(api: FakeApi) -> None:
    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240)
    app.query_params.update({"about_source": "handbook", "about_key": "secret.md"})
    assert "There is no document secret.md" in visible(app.run())
    assert "Asking about" not in visible(app)


def test_a_question_keeps_its_scope_when_it_is_edited(api: FakeApi) -> None:
    app = start()
    app.multiselect(key="scope-types").set_value(["pdf"]).run()
    ask(app, "hotel?")
    (held,) = api.talks.held.values()
    turn = held["turns"][0]
    turn["filters"] = {
        "sources": None,
        "media_types": ["application/pdf"],
        "paths": ["travel"],
        "modified_from": "2026",
        "languages": ["de"],
    }
    press(app, f"chat-{held['id']}")
    press(app, f"edit-{turn['id']}")
    app.text_area(key=f"edited-{turn['id']}").set_value("leave?")
    app.button(key=f"FormSubmitter:editor-{turn['id']}-Ask").click().run()
    wanted = {"sources": None, "types": ["application/pdf"], "paths": ["travel"], "after": "2026", "languages": ["de"]}
    assert narrowed(api) == wanted


def test_an_estimate_says_what_would_be_read(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts: list[str | None] = ["hotel?"]
    monkeypatch.setattr("ui.widgets.hear_estimate", lambda asked: asked(drafts.pop()) if drafts else None)
    app = start()
    assert "Would read 3 passages from 2 documents: 412 of 10,000,000 tokens." in visible(app)
    assert "In this scope: 3 documents, about 3,600 tokens." in visible(app)
    assert asked(api)[-1] == {"question": "hotel?", "mode": "auto", "model": "", "sources": None}
    app.radio(key="mode").set_value("documents").run()
    assert "The choices have changed since" in visible(app)
    drafts.append("")
    app.run()
    assert "Would read" not in visible(app)


def test_an_estimate_that_fails_says_why(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    app = start()
    monkeypatch.setattr("ui.widgets.hear_estimate", lambda asked: asked("hotel?"))
    monkeypatch.setattr("ui.client.ApiClient.plan", _refuse)
    assert "No model answers" in visible(app.run())


def _refuse(*_: object) -> None:
    from ui.client import ApiError

    raise ApiError("no model answers", "start one")


def test_suggestions_are_asked_with_what_is_chosen(api: FakeApi) -> None:
    app = start()
    assert [label for label in labels(app) if "leave" in label] == ["How much leave is there\\?"]
    app.multiselect(key="scope").set_value(["handbook"]).run()
    press(app, "suggestion-0")
    assert (asked(api)[-1]["question"], asked(api)[-1]["sources"]) == (HOTELS, ["handbook"])
    (held,) = api.talks.held.values()
    press(app, f"suggestion-next-{held['turns'][0]['id']}-1")
    assert asked(api)[-1]["question"] == "How much leave is there?"
    assert len(held["turns"]) == 2


def test_what_was_not_found_leads_to_no_suggestions(api: FakeApi) -> None:
    app = ask(start(), "What about the moon?")
    assert "Ask next" not in visible(app)


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


def test_the_first_steps_go_on_by_themselves(empty_api: FakeApi) -> None:
    app = start()

    def steps() -> list[str]:
        (shown,) = [element.value for element in app.html if '<ol class="as-steps' in element.value]
        return [part.split('"')[0] for part in shown.split("as-step as-step-")[1:]]

    assert steps() == ["now", "next", "next"]
    app.text_input(key="first-path").set_value("/srv/handbook")
    app.button(key="FormSubmitter:add-folder-first-Add folder").click().run()
    assert steps() == ["done", "now", "next"]
    for _ in range(8):
        app.run()
    assert steps() == ["done", "done", "now"]
    press(app, "suggestion-0")
    assert "140 euros" in visible(app)


def test_who_adds_no_sources_may_bring_files(empty_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.models.Status.manages", property(lambda _: False))
    app = start()
    assert "bring files of your own" in visible(app)
    app.button(key="FormSubmitter:bring-own-Bring these files").click().run()
    assert "Choose at least one file" in visible(app)


def test_the_first_files_go_on_by_themselves_and_who_is_refused_is_told(
    empty_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = (("offer.pdf", b"offer"), ("run.exe", b"run"))
    monkeypatch.setattr("ui.views.bringing._files", lambda _: files)
    app = start()
    app.segmented_control(key="first-way").set_value("files").run()
    app.button(key="FormSubmitter:bring-first-Bring these files").click().run()
    assert not app.exception
    shown = visible(app)
    assert "as-step-done" in " ".join(element.value for element in app.html)
    assert "run.exe" in shown
    assert any("file" in toast.value for toast in app.toast)
    press(app, "refused-seen")
    assert "run.exe" not in visible(app)


def test_the_list_of_keys(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.widgets.wanted_help", lambda: True)
    assert "Edit the last question" in visible(start())
