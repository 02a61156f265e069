"""What leads to a question: scopes, estimates, suggestions, files that are brought, the first steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.fakes.api_composing import OWN
from tests.ui.test_app import ask, asked, labels, press, settings, start, visible
from ui.run import SCRIPT

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


def test_a_source_that_holds_nothing_any_more_stays_chosen_until_it_is_let_go_of(api: FakeApi) -> None:
    """Else the question would be asked of everything, without a word."""
    app = start()
    app.multiselect(key="scope").set_value(["handbook"]).run()
    api.documents.clear()
    api.documents.extend(_uploaded("mine.pdf"))
    app.session_state.status = None
    app.run()
    assert not app.exception
    assert app.multiselect(key="scope").value == ["handbook"]
    assert app.multiselect(key="scope").options == ["My uploads (1)", "handbook"]
    press(app, "scope-reset")
    assert app.multiselect(key="scope").options == ["My uploads (1)"]


def test_the_browser_is_told_anew_what_is_chosen_where_its_number_changes(api: FakeApi) -> None:
    """It sends the labels that it shows: an old one would be a source that there is not."""
    app = start()
    app.multiselect(key="scope").set_value(["handbook"]).run()
    api.documents.append(replace(api.documents[0], key="another.pdf"))
    app.session_state.status = None
    app.run()
    field = app.multiselect(key="scope")
    assert "handbook (4)" in field.options
    assert (field.proto.set_value, list(field.proto.raw_values)) == (True, ["handbook (4)"])


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
