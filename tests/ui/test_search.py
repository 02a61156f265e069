"""The search page, in Streamlit's own test harness, against the scripted API."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.album import png
from tests.fakes.api import FakeApi, Refused
from tests.ui.test_app import press, settings, visible  # noqa: F401 (a fixture)
from ui.asked import Asked
from ui.models import DocumentName
from ui.opened import Opened
from ui.search_html import card
from ui.search_models import FoundDocument, FoundPlace
from ui.views.search_pictures import LookedFor


def _page() -> None:
    """The search page in front; the harness cannot switch to pages that are functions."""
    import importlib

    import streamlit as st

    from ui import navigation, widgets

    modules = {name: importlib.import_module(f"ui.views.{name}") for name in ("search", "chat")}
    pages = {
        name: st.Page(module.page, title=name, url_path=name, default=name == "search")
        for name, module in modules.items()
    }
    page = st.navigation(navigation.register(pages))
    navigation.settle_address(page.url_path)
    widgets.said()
    page.run()


def searched(**query: str) -> AppTest:
    """Return the page at an address."""
    app = AppTest.from_function(_page, default_timeout=240)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def asked(api: FakeApi) -> dict[str, Any]:
    """Return the last search."""
    return [body for _, path, body in api.requests if path == "/api/search/documents"][-1]


def labels(app: AppTest, prefix: str) -> list[str]:
    return [button.label for button in app.button if (button.key or "").startswith(prefix)]


def test_before_a_search_there_are_tips_and_nothing_is_asked(api: FakeApi) -> None:
    assert "Find a document" in visible(searched())
    assert not [path for _, path, _ in api.requests if "search" in path]


def test_documents_are_listed_with_words_facts_and_pages(api: FakeApi) -> None:
    app = searched(q="leave")
    shown = visible(app)
    for words in ("2 documents", "Leave and holidays", "handbook / people/leave.md", "changed 2024-05-01", "md"):
        assert words in shown
    html = " ".join(element.value for element in app.html)
    assert "<mark>Leave</mark>" in html
    assert "<b>Lee</b>" not in html
    app = searched(q="hotels")
    assert "data:image/png;base64," in " ".join(element.value for element in app.html)


def test_words_go_into_the_address_and_filters_stay(api: FakeApi) -> None:
    app = searched(q="leave", folder="people")
    app.text_input(key="search-query").set_value("  holidays ").run()
    assert dict(app.query_params) == {"q": "holidays", "folder": "people"}
    assert (asked(api)["query"], asked(api)["paths"]) == ("holidays", ["people"])


def test_a_filter_is_chosen_counted_and_taken_away(api: FakeApi) -> None:
    app = searched(q="leave")
    app.button_group(key="choice-types").set_value(["md"]).run()
    assert app.query_params["type"] == "md"
    assert labels(app, "chip-") == ["Type\\: md"]
    assert "1 document" in visible(app)
    app = press(app, "chip-0")
    assert "type" not in app.query_params
    assert "2 documents" in visible(app)


def test_all_values_of_a_filter_stay_in_the_address(api: FakeApi) -> None:
    app = AppTest.from_function(_page, default_timeout=240)
    app.query_params["q"], app.query_params["type"] = "leave", ["md", "pdf"]
    app.run()
    app.text_input(key="search-query").set_value("holidays").run()
    assert dict(app.query_params) == {"q": "holidays", "type": ["md", "pdf"]}
    assert asked(api)["types"] == ["md", "pdf"]


def test_a_year_and_days_narrow_the_search(api: FakeApi) -> None:
    app = searched(q="leave")
    app.button_group(key="choice-year").set_value("2024").run()
    assert (app.query_params["after"], app.query_params["before"]) == ("2024-01-01", "2025-01-01")
    assert labels(app, "chip-") == ["Date\\: 2024"]
    app = searched(q="leave")
    app.date_input(key="choice-after").set_value(datetime.date(2024, 2, 29)).run()
    assert app.query_params["after"] == "2024-02-29"
    app.date_input(key="choice-until").set_value(datetime.date(2024, 1, 1)).run()
    assert (app.query_params["after"], app.query_params["before"]) == ("2024-01-01", "2024-03-01")


def test_the_order_is_chosen(api: FakeApi) -> None:
    app = searched(q="leave", sort="date")
    assert asked(api)["sort"] == "date"
    app.button_group(key="search-sort").set_value("relevance").run()
    assert "sort" not in app.query_params


def test_where_nothing_is_found_it_says_what_to_loosen(api: FakeApi) -> None:
    assert "Try fewer or other words" in visible(searched(q="spaceship"))
    app = searched(q="leave", folder="it", type="md")
    assert labels(app, "looser-") == ["Folder\\: it", "Type\\: md", "Clear all filters"]
    app = press(app, "looser-all")
    assert dict(app.query_params) == {"q": "leave"}
    assert "2 documents" in visible(app)


def test_a_page_behind_the_last_leads_back(api: FakeApi) -> None:
    app = press(searched(q="leave", p="7"), "search-first")
    assert "2 documents" in visible(app)


def test_an_error_is_shown_with_a_way_on(api: FakeApi) -> None:
    api.refusal = Refused(503, "the index does not answer", "try again", "IndexUnavailableError")
    app = searched(q="leave")
    assert "The index does not answer" in visible(app)
    api.refusal = None
    assert "2 documents" in visible(press(app, "retry-search"))


def test_a_place_opens_beside_and_closes_with_another_search(api: FakeApi) -> None:
    app = searched(q="leave")
    app.session_state["place"] = Opened(f"{Asked('leave').name}:1")
    app.run()
    assert "1 of 2" in visible(app)
    assert "Verified" not in visible(app)
    app.text_input(key="search-query").set_value("hotels").run()
    assert "place" not in app.session_state


def test_who_asks_about_a_document_comes_to_a_new_chat_with_it(api: FakeApi) -> None:
    app = searched(q="holidays")
    press(app, "ask-handbook/people/leave.md")
    assert [document.key for document in app.session_state["about"]] == ["people/leave.md"]
    assert app.session_state["chat"].id == ""


def test_a_picture_is_looked_for_where_that_is_possible(api: FakeApi) -> None:
    assert not searched().get("file_uploader")
    api.searches_pictures = True
    app = searched(q="leave")
    assert app.get("file_uploader")
    app.session_state["looked-for"] = LookedFor("shot.png", png("green"), 1)
    app.session_state["place"] = Opened("pictures-1:1")
    app.run()
    assert not app.exception
    shown = visible(app)
    assert "Pictures that look like it" in shown
    assert "Travel policy" in shown
    assert "The model looked at this picture" not in shown
    assert "2 documents" in visible(press(app, "picture-forget"))


def test_where_no_picture_looks_like_it_it_says_so(api: FakeApi) -> None:
    api.searches_pictures = True
    api.documents.clear()
    app = searched()
    app.session_state["looked-for"] = LookedFor("shot.png", png("green"), 1)
    assert "No picture in your documents looks like it" in visible(app.run())


@pytest.mark.parametrize(
    "query", [{"q": "x", "p": "0"}, {"q": "x", "p": "-1"}, {"q": "x", "after": "soon"}, {"q": "x", "sort": "size"}]
)
def test_what_makes_no_sense_in_the_address_is_left_out(api: FakeApi, query: dict[str, str]) -> None:
    searched(**query)
    assert asked(api) == Asked("x").body()


def test_nothing_of_a_document_is_more_than_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    place = FoundPlace(None, 0, 9, f"# {evil} and {evil}", (evil,), ((2, 6),))
    html = card(FoundDocument(DocumentName(evil, evil, evil, ""), evil, 0, (evil,), "", (place,)), ['"><b>:1'], None)
    assert "<img" not in html.replace("<mark>", "")
    assert "<b>" not in html
    assert "<mark>&lt;img</mark>" in html
    assert "# " not in html
