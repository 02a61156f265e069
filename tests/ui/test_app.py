"""The pages' logic, in Streamlit's own test harness, against the scripted API."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, cast

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_content import FakeDocument
from ui import answering, session
from ui.run import SCRIPT
from ui.views import turns

if TYPE_CHECKING:
    from ui.models import StoredTurn


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    name = "empty_api" if "empty_api" in request.fixturenames else "api"
    monkeypatch.setenv("ASSISTANT_API_URL", request.getfixturevalue(name).url)


def _page(shown: str) -> None:
    """The frame of ui/app.py with another page in front (the harness cannot switch to pages that are functions)."""
    import importlib

    import streamlit as st

    from ui import held, navigation, widgets

    names = dict.fromkeys(
        (
            *("chat", "documents", "shared", "sources", "runs", "uploads"),
            *("access", "tools", "plugins", "models", "index", shown),
        )
    )
    modules = {name: importlib.import_module(f"ui.views.{name}") for name in names}
    pages = {
        name: st.Page(module.page, title=name, url_path=name, default=name == shown) for name, module in modules.items()
    }
    page = st.navigation(navigation.register(pages))
    widgets.said()
    page.run()
    held.clear()


def start(page: str = "", **query: str) -> AppTest:
    if page:
        app = AppTest.from_function(_page, kwargs={"shown": page}, default_timeout=240)
    else:
        app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def visible(app: AppTest) -> str:
    """Return the words of everything that stands in HTML elements."""
    return unescape(re.sub(r"<[^>]+>", " ", " ".join(element.value for element in app.html)))


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def ask(app: AppTest, question: str) -> AppTest:
    app.chat_input(key="question").set_value(question).run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_a_question_is_answered_with_plan_citations_and_status(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    shown = visible(app)
    assert "What does a hotel cost?" in shown
    assert "Read 3 passages from 2 documents, 412 of 10,000,000 tokens" in shown
    assert "140 euros a night" in shown
    assert "Verified" in shown
    assert "Not verified" in shown
    assert "3 documents \u00b7 36 passages" in shown
    assert "stop" not in [button.key for button in app.button]
    assert not app.chat_input(key="question").disabled


def asked(api: FakeApi) -> list[dict[str, Any]]:
    """Return the questions that the API got, in order."""
    return [body for method, _, body in api.requests if method == "POST" and body and "question" in body]


def test_a_follow_up_goes_on_with_the_conversation(api: FakeApi) -> None:
    app = ask(ask(start(), "What does a hotel cost?"), "And leave?")
    first, second = asked(api)
    assert (first["question"], second["question"]) == ("What does a hotel cost?", "And leave?")
    (held,) = api.talks.held.values()
    assert second["follows"] == held["turns"][0]["id"]
    assert "1 document left out" in visible(app)


def test_mode_and_sources_go_with_the_question(api: FakeApi) -> None:
    app = start()
    app.radio(key="mode").set_value("corpus")
    app.multiselect(key="scope").set_value(["handbook"]).run()
    ask(app, "What does a hotel cost?")
    assert (asked(api)[-1]["mode"], asked(api)[-1]["sources"]) == ("corpus", ["handbook"])


def test_a_model_is_chosen_for_the_session(api: FakeApi) -> None:
    api.models = ("maverick", "scout")
    app = start()
    picker = app.selectbox(key="model")
    assert (picker.value, picker.options) == ("", ["Automatic", "maverick", "scout"])
    picker.set_value("scout").run()
    labels_of = [one.proto.popover.label for one in app.get("popover")]
    assert {"Automatic \u00b7 scout", "All sources"} <= set(labels_of)
    ask(app, "What does a hotel cost?")
    ask(app, "And leave?")
    assert [body["model"] for body in asked(api)] == ["scout", "scout"]
    app.selectbox(key="model").set_value("").run()
    (held,) = api.talks.held.values()
    press(app, f"again-{held['turns'][-1]['id']}")
    bodies = [body for _, path, body in api.requests if path.endswith("/regenerate")]
    assert bodies == [{"mode": "auto", "model": ""}]


def test_a_model_that_is_no_longer_offered_is_not_asked_for(api: FakeApi) -> None:
    api.models = ("maverick", "scout")
    app = start()
    app.selectbox(key="model").set_value("scout").run()
    api.models = ("maverick", "small")
    app.session_state.status = None
    app.run()
    assert app.selectbox(key="model").value == ""
    ask(app, "What does a hotel cost?")
    assert asked(api)[-1]["model"] == ""


def test_without_a_choice_there_is_no_picker(api: FakeApi) -> None:
    api.models = ("maverick",)
    assert [picker.key for picker in start().selectbox] == []


def test_not_found_looks_different_from_an_answer() -> None:
    app = ask(start(), "What about the moon?")
    assert "Not found in the documents" in visible(app)
    assert not [element for element in app.html if 'class="as-answer' in element.value]


def test_an_answer_that_broke_off_keeps_what_came_and_is_answered_again(api: FakeApi) -> None:
    app = ask(start(), "broken?")
    shown = visible(app)
    assert "Hotels are paid" in shown
    assert "The model server stopped" in shown
    assert "Start it again, then ask again" in shown
    retry = next(button.key for button in app.button if button.label == "Try again")
    press(app, str(retry))
    (held,) = api.talks.held.values()
    assert len(held["turns"]) == 2
    assert visible(app).count("broken?") == 1  # the failed turn is a version of the new one


def test_a_stream_that_breaks_off_is_followed_on(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.answering.RESUME_SECONDS", 0.01)
    app = ask(start(), "cut")
    assert "Hotels are" in visible(app)
    assert "broke off" not in visible(app)
    (held,) = api.talks.held.values()
    assert held["turns"][0]["state"] == "complete"


def test_a_question_that_is_refused_can_be_asked_again(api: FakeApi) -> None:
    app = start()
    api.refusal = Refused(503, "64 answers are under way already", "ask again in a moment", "ModelOverloadedError")
    ask(app, "hotel?")
    assert "64 answers are under way" in visible(app)
    api.refusal = None
    press(app, next(str(button.key) for button in app.button if str(button.key).startswith("retry-")))
    assert "140 euros" in visible(app)


@pytest.mark.parametrize("kept", [False, True], ids=["refused by the API", "broken off"])
def test_a_second_click_on_try_again_asks_no_second_time(monkeypatch: pytest.MonkeyPatch, *, kept: bool) -> None:
    turn = answering.Turn("hotel?", stored=cast("StoredTurn", object()) if kept else None, done=True)
    chat, asked = answering.Chat("c", "", [turn]), []

    def ask(question: str, *_: object) -> None:
        asked.append(question)
        chat.turns.append(answering.Turn(question, done=True))

    def regenerate(former: answering.Turn, *_: object) -> None:
        ask(former.question)
        chat.turns.remove(former)

    monkeypatch.setattr(session, "current_chat", lambda: chat)
    monkeypatch.setattr(session, "ask", ask)
    monkeypatch.setattr(session, "regenerate", regenerate)
    for _ in range(2):  # Streamlit gives up the first run for the second, which has the same turn
        turns._retry(turn)
    assert (asked, len(chat.turns)) == (["hotel?"], 1)


def test_new_chat_and_back_again(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    press(app, "new-chat")
    assert "What would you like to know?" in visible(app)
    assert "140 euros" not in visible(app)
    first = next(str(button.key) for button in app.button if str(button.key).startswith("chat-c"))
    press(app, first)
    assert "140 euros" in visible(app)
    another = start()  # another session, such as after the browser was closed
    press(another, first)
    assert "140 euros" in visible(another)


def test_a_chat_opens_by_its_address(api: FakeApi) -> None:
    ask(start(), "What does a hotel cost?")
    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240)
    app.query_params["chat"] = next(iter(api.talks.held))
    assert "140 euros" in visible(app.run())


def test_a_chat_that_cannot_be_read_now_is_opened_when_it_can(api: FakeApi) -> None:
    ask(start(), "What does a hotel cost?")
    (chat,) = api.talks.held
    app = start()
    app.query_params["chat"] = chat
    del app.session_state["chat"]
    api.refusal = Refused(503, "the catalog does not answer", "start it", "CatalogUnavailableError")
    app.run()
    assert "The catalog does not answer" in visible(app)
    assert app.query_params["chat"] in (chat, [chat])
    api.refusal = None
    assert "140 euros" in visible(press(app, "retry-chat"))


def test_versions_of_an_answer(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    (held,) = api.talks.held.values()
    first = held["turns"][0]["id"]
    press(app, f"again-{first}")
    second = held["turns"][1]["id"]
    assert "2 of 2" in visible(app)
    press(app, f"edit-{second}")
    app.text_area(key=f"edited-{second}").set_value("How much leave?")
    app.button(key=f"FormSubmitter:editor-{second}-Ask").click().run()
    assert not app.exception
    third = held["turns"][2]["id"]
    assert "28 days of leave" in visible(app)
    assert "3 of 3" in visible(app)
    press(app, f"version--1-{third}")
    assert "2 of 3" in visible(app)
    assert "140 euros" in visible(app)


def test_what_is_withdrawn_is_shown_as_such(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    (held,) = api.talks.held.values()
    turn = held["turns"][0]
    turn["answer"] = "Meals are paid [1]. [withdrawn]"
    turn["citations"][1] = {"number": 2, "withdrawn": "gone", "document": None}
    turn["hidden"], turn["history"] = 2, {"left_out": 3}
    press(app, f"chat-{held['id']}")
    shown = visible(app)
    assert "A document that is gone or not open to you" in shown
    assert "Part of this answer is withdrawn" in shown
    assert "2 documents that you may not read now" in shown
    assert "3 earlier questions of this chat did not fit" in shown
    assert "[withdrawn]" not in shown


def test_first_steps_without_documents(empty_api: FakeApi) -> None:
    app = start()
    assert "Ask your documents" in visible(app)
    assert not app.chat_input
    app.text_input(key="first-path").set_value("relative/folder")
    app.button(key="FormSubmitter:add-folder-first-Add folder").click().run()
    assert "full path" in visible(app)
    app.text_input(key="first-path").set_value("/srv/missing")
    app.button(key="FormSubmitter:add-folder-first-Add folder").click().run()
    assert "The folder /srv/missing does not exist" in visible(app)
    app.text_input(key="first-path").set_value("/srv/legal+team/")
    app.text_input(key="first-readers").set_value("legal, hr")
    app.button(key="FormSubmitter:add-folder-first-Add folder").click().run()
    assert not app.exception
    posted = [body for method, path, body in empty_api.requests if (method, path) == ("POST", "/api/sources")][-1]
    assert posted == {
        "name": "legal-team",
        "kind": "folder",
        "config": {"path": "/srv/legal+team/"},
        "schedule": "every 15m",
        "readers": {"default": ["legal", "hr"]},
    }
    assert "Starting" in [element.proto.text for element in app.get("progress")]
    for _ in range(7):
        app.run()
    assert "What would you like to know?" in visible(app)


@pytest.mark.parametrize("page", ["chat", "documents", "sources", "runs", "uploads"])
def test_every_page_says_when_nothing_answers_and_recovers(api: FakeApi, page: str) -> None:
    api.stop()
    app = start(page)
    assert "does not answer at" in visible(app)
    assert "assistant up" in visible(app)
    api.start()
    press(app, next(str(button.key) for button in app.button if button.label == "Try again"))
    assert "does not answer at" not in visible(app)


def test_a_refusal_is_shown_in_the_words_of_the_api(api: FakeApi) -> None:
    api.refusal = Refused(403, "this address may not ask", "use 127.0.0.1", "AccessDeniedError")
    assert "This address may not ask" in visible(start())


def test_settings_that_cannot_be_used_end_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_UI_PORT", "many")
    assert "Setting 'ui_port'" in visible(start())


def many(number: int) -> list[FakeDocument]:
    return [
        FakeDocument("handbook", f"n/{index}.txt", f"Note {index}", "text/plain", "text") for index in range(number)
    ]


def test_documents_are_listed_in_pages_and_filtered(api: FakeApi) -> None:
    api.documents = many(120)
    app = start("documents")
    assert "1\u201350 of 120" in visible(app)
    press(app, "list-next")
    assert "51\u2013100 of 120" in visible(app)
    assert "n/50.txt" in visible(app)
    app.text_input(key="document-filter").set_value("NOTE 11").run()
    assert "11 documents" in visible(app)
    app.text_input(key="document-filter").set_value("no such").run()
    assert "No document matches" in visible(app)


def test_a_document_opens_at_the_characters_of_the_address(api: FakeApi) -> None:
    app = AppTest.from_function(_page, kwargs={"shown": "documents"}, default_timeout=240)
    app.query_params.update({"source": "handbook", "key": "people/leave.md", "start": "22", "end": "66"})
    app.run()
    assert not app.exception
    assert "<mark>Every employee has 28 days of leave a year.\n</mark>" in "".join(
        element.value for element in app.html
    )
    assert "Characters 1 to 6,000 of" in visible(app)


def test_a_document_that_is_not_there_is_named() -> None:
    app = AppTest.from_function(_page, kwargs={"shown": "documents"}, default_timeout=240)
    app.query_params.update({"source": "handbook", "key": "gone.md"})
    assert "There is no document gone.md in handbook" in visible(app.run())


def test_a_new_chat_says_what_is_still_being_indexed(api: FakeApi) -> None:
    api.sync("handbook")
    api.step()
    app = start()
    assert "Indexing handbook: 0 of 3 documents" in [element.proto.text for element in app.get("progress")]
    assert "What would you like to know?" in visible(app)
