"""The page of documents for those who look after their sources, and one document, in Streamlit's own test harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.fakes.api_content import LEAVE, TRAVEL
from tests.ui.test_app import labels, press, start, visible
from ui.client import ApiClient, ApiError
from ui.inventory import LaidBlock, Layout
from ui.views.document_parts import page_html

pytestmark = pytest.mark.usefixtures("settings")


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)


def opened(key: str = TRAVEL.key) -> AppTest:
    app = start("documents")
    app.query_params["source"], app.query_params["key"] = "handbook", key
    app.run()
    assert not app.exception
    return app


def part(app: AppTest, name: str) -> AppTest:
    app.segmented_control(key="document-part").set_value(name).run()
    assert not app.exception
    return app


def test_who_looks_after_sources_finds_all_documents_by_state(api: FakeApi) -> None:
    api.overseeing.failed[TRAVEL.key] = "the PDF is damaged"
    app = start("documents")
    assert "the PDF is damaged" not in visible(app)
    app.segmented_control(key="document-scope").set_value("all").run()
    assert "Failed" in visible(app)
    assert "3 documents" in visible(app)
    app.selectbox(key="document-state").set_value("failed").run()
    assert "the PDF is damaged" in visible(app)
    assert "1 document" in visible(app)
    app.selectbox(key="document-state").set_value("flagged").run()
    assert "No document matches" in visible(app)


def test_a_type_that_is_not_there_any_more_is_not_asked_for(api: FakeApi) -> None:
    app = start("documents")
    app.segmented_control(key="document-scope").set_value("all").run()
    app.session_state["document-type"] = ["image/png"]  # chosen where another source was
    app.run()
    assert "3 documents" in visible(app)
    assert app.multiselect(key="document-type").value == []


def test_employees_see_what_they_may_read_and_no_more(api: FakeApi) -> None:
    api.role = "employee"
    app = start("documents")
    assert not app.segmented_control
    app.text_input(key="document-filter").set_value("LEAVE").run()
    assert "1 document" in visible(app)
    app = opened()
    assert app.segmented_control(key="document-part").options == ["Text", "Page"]
    assert not [path for _, path, _ in api.requests if path.startswith("/api/inventory")]


def test_a_document_is_taken_apart(api: FakeApi) -> None:
    app = part(opened(), "chunks")
    assert "1 \u00b7 40 tokens, page 1, characters 0 to 1" in visible(app)
    assert "chunk 39" in visible(app)
    press(app, "chunks-next")
    assert "chunk 40" in visible(app)
    part(app, "blocks")
    assert "Heading 1, page 1, characters 0 to 9" in visible(app)
    assert "&lt;i&gt;heading&lt;/i&gt;" in " ".join(element.value for element in app.html)
    part(app, "about")
    assert "abc123" in visible(app)
    assert "Nothing in it reads like orders" in visible(app)
    part(app, "history")
    assert "it was damaged" in visible(app)


def test_each_document_begins_with_its_first_pieces(api: FakeApi) -> None:
    app = press(part(opened(), "chunks"), "chunks-next")
    assert "chunk 39" not in visible(app)
    app.query_params["key"] = LEAVE.key
    app.run()
    assert "chunk 39" in visible(app)


def test_a_page_beyond_the_end_of_another_list_is_left(api: FakeApi) -> None:
    app = start("documents")
    app.session_state["document-offset"] = 100
    assert f"handbook / {TRAVEL.key}" in visible(app.run())


def test_a_link_to_a_state_filters_once(api: FakeApi) -> None:
    api.overseeing.failed[TRAVEL.key] = "the PDF is damaged"
    app = start("documents")
    app.query_params["state"] = "failed"
    assert "the PDF is damaged" in visible(app.run())
    app.segmented_control(key="document-scope").set_value("mine").run()
    app.run()
    assert "the PDF is damaged" not in visible(app)


def test_an_employee_without_documents_is_not_sent_to_the_sources(
    empty_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", empty_api.url)
    empty_api.role = "employee"
    shown = visible(start("documents"))
    assert "An admin adds them" in shown
    assert "Sources page" not in shown


def test_boxes_are_drawn_in_the_colour_of_their_kind() -> None:
    places = ((0.1, 0.2, 0.5, 0.25),)
    blocks = (LaidBlock(0, "heading", places), LaidBlock(1, 'x" onload="', places))
    html = page_html(b"png", Layout(1, 1, True, blocks))
    assert 'class="as-box as-box-heading" style="left:10.000%;top:20.000%;width:40.000%;height:5.000%"' in html
    assert 'onload="' not in html.replace("&quot;", "")
    assert "data:image/png;base64,cG5n" in html
    assert "as-box" not in page_html(b"png", None)


def test_taking_in_again_and_deleting_ask_the_house(api: FakeApi) -> None:
    app = part(opened(), "about")
    press(app, "document-ingest")
    assert api.overseeing.done == [("ingest", TRAVEL.key)]
    press(app, "document-delete")
    assert "It comes back with the next sync that lists it" in visible(app)
    assert len(api.overseeing.done) == 1
    press(app, "confirm-document")
    assert api.overseeing.done[-1] == ("delete", TRAVEL.key)


def test_a_suspicious_document_is_let_pass(api: FakeApi) -> None:
    api.overseeing.warned.add(TRAVEL.key)
    app = opened()
    shown = visible(app)
    assert "tells to ignore instructions (2\u00d7)" in shown
    assert "30 characters that no reader sees (tiny)" in shown
    press(app, "document-reviewed")
    assert "It reads like orders" not in visible(app)


def test_what_was_not_done_is_told_on_every_part_of_a_document(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise ApiError("the catalog is locked", "try again in a moment")

    monkeypatch.setattr(ApiClient, "review_warning", refused)
    api.overseeing.warned.add(TRAVEL.key)
    app = opened()
    for name in ("text", "page", "blocks", "chunks", "about", "readers", "history"):
        part(app, name)
        assert "The catalog is locked" not in visible(app), name  # once
        press(app, "document-reviewed")
        assert "The catalog is locked" in visible(app), name


def test_an_admin_opens_what_no_grant_opens_for_a_reason(api: FakeApi) -> None:
    api.role = "admin"
    api.overseeing.closed.add(TRAVEL.key)
    app = opened()
    assert "Not yours to read" in visible(app)
    assert app.segmented_control(key="document-part").options == ["About", "Readers", "History"]
    press(app, "opening-ask")
    app.text_area(key="opening-reason").set_value("no")
    next(button for button in app.button if button.label == "Open it").click().run()
    assert "Say why in ten characters or more." in visible(app)
    assert not [path for _, path, _ in api.requests if path == "/api/access/open"]
    app.text_area(key="opening-reason").set_value("The works council asked for it")
    next(button for button in app.button if button.label == "Open it").click().run()
    assert api.overseeing.opened == {TRAVEL.key: "opening-1"}
    sent = [body for _, path, body in api.requests if path == "/api/access/open"][-1]
    assert (sent["minutes"], sent["reason"]) == (15, "The works council asked for it")
    assert "Open by break-glass until" in visible(app)
    press(app, "opening-end")
    assert api.overseeing.opened == {}


def test_curators_open_nothing(api: FakeApi) -> None:
    api.role = "curator"
    api.overseeing.closed.add(TRAVEL.key)
    app = opened()
    assert "Not yours to read" in visible(app)
    assert "Open by break-glass" not in labels(app)
