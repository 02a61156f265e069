"""The panel of a quoted place, in Streamlit's own test harness, against the scripted API."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import api_content
from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL, HOTEL_QUOTE, TRAVEL, FakeDocument
from tests.ui.test_app import ask, press, settings, start, visible  # noqa: F401 (a fixture)
from ui import opened, place_texts
from ui.opened import Opened


def opened_at(number: int, question: str = "What does a hotel cost?") -> AppTest:
    """Return the chat with the place of a citation open."""
    app = ask(start(), question)
    turn = app.session_state["chat"].turns[-1]
    app.session_state["place"] = Opened(f"{turn.id}:{number}")
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> dict[str | None, bool]:
    """Return which buttons of the panel there are, and whether they can be pressed."""
    return {button.key: not button.disabled for button in app.button if (button.key or "").startswith("place-icon-")}


def marked(app: AppTest) -> str:
    return "".join(element.value for element in app.html if 'class="as-text"' in element.value)


def test_the_page_and_the_words_are_shown(api: FakeApi) -> None:
    app = opened_at(1)
    assert f"<mark>{HOTEL_QUOTE}</mark>" in marked(app)
    shown = visible(app)
    for words in ("Travel policy", "Page 2 of 3", "handbook / travel/policy.pdf", "1 of 3"):
        assert words in shown
    assert (keys(app)["place-icon-former"], keys(app)["place-icon-next"]) == (False, True)


def test_one_leafs_through_the_places_and_closes(api: FakeApi) -> None:
    app = press(press(opened_at(1), "place-icon-next"), "place-icon-next")
    assert "Leave and holidays" in visible(app)
    assert "3 of 3" in visible(app)
    assert not keys(app)["place-icon-next"]
    app = press(app, "place-icon-close")
    assert keys(app) == {}


def test_a_doubtful_place_says_why_in_a_sentence(api: FakeApi) -> None:
    shown = visible(opened_at(3))
    assert "The quote could not be found word for word at this place." in shown
    assert "place-icon-next-page" not in keys(opened_at(3)), "it has no pages"


def test_pages_are_turned_to_the_ends_and_back(api: FakeApi) -> None:
    app = press(opened_at(1), "place-icon-next-page")
    assert "Page 3 of 3" in visible(app)
    assert not keys(app)["place-icon-next-page"]
    app = press(app, "place-icon-quote")
    assert "Page 2 of 3" in visible(app)
    assert "place-icon-quote" not in keys(app)


def test_a_page_is_enlarged_and_stays_so_at_the_next_place(api: FakeApi) -> None:
    app = opened_at(1)
    assert not keys(app)["place-icon-smaller"]
    app = press(app, "place-icon-larger")
    assert app.session_state["place"].zoom == 150
    app = press(app, "place-icon-next")
    assert app.session_state["place"].zoom == 150
    assert keys(app)["place-icon-smaller"]


def test_a_page_is_not_drawn_anew_for_a_look_around(api: FakeApi) -> None:
    app = opened_at(1)
    drawn = sum(path.endswith("/page-image") for _, path, _ in api.requests)
    app = press(press(app, "place-icon-larger"), "place-after")
    assert sum(path.endswith("/page-image") for _, path, _ in api.requests) == drawn == 1


def test_a_document_that_was_taken_away_leaves_nothing_of_it(api: FakeApi) -> None:
    app = opened_at(2)
    api.documents.clear()
    app = press(app, "place-icon-former")
    drawn = [element.value for element in app.html]
    first = next(at for at, html in enumerate(drawn) if "data-place" in html)
    panel = " ".join(drawn[first : next(at for at, html in enumerate(drawn) if "as-question" in html)])
    assert place_texts.GONE in panel
    for told in ("Travel policy", "travel/policy.pdf", HOTEL_QUOTE):
        assert told not in panel
    assert not app.get("imgs")
    assert "place-ask" not in [button.key for button in app.button]


def test_a_document_that_changed_shows_quote_and_text(api: FakeApi) -> None:
    app = opened_at(1)
    changed = FakeDocument("handbook", TRAVEL.key, TRAVEL.title, TRAVEL.media_type, "Other words. " * 60, TRAVEL.pages)
    api.documents[0] = changed
    app.run()
    assert "no longer stands at this place" in visible(app)
    assert HOTEL_QUOTE in visible(app)


def test_who_asks_about_the_document_comes_to_the_chat_with_it(api: FakeApi) -> None:
    app = press(opened_at(1), "place-ask")
    (document,) = app.session_state["about"]
    assert (document.source, document.key) == ("handbook", "travel/policy.pdf")
    assert keys(app) == {}


def test_a_new_chat_closes_the_panel(api: FakeApi) -> None:
    app = press(opened_at(1), "new-chat")
    assert keys(app) == {}
    assert "place" not in app.session_state


def test_a_picture_that_was_looked_at_is_shown_and_not_quoted(api: FakeApi) -> None:
    app = opened_at(2, "shot")
    assert "Picture of the page" in visible(app)
    assert marked(app) == ""


@pytest.mark.parametrize("target", ["", "nothing", "turn:x", "gone:1", "gone:"])
def test_what_is_not_there_is_closed(api: FakeApi, target: str) -> None:
    app = start()
    app.session_state["place"] = Opened(target)
    app.run()
    assert not app.exception
    assert "place" not in app.session_state


def test_a_group_that_is_smaller_now_closes_what_is_beyond(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(api_content.SCRIPTS, "hotel", replace(HOTEL, citations=HOTEL.citations[:1]))
    assert keys(opened_at(2)) == {}


def test_a_place_whose_name_means_another_one_now_is_closed(api: FakeApi) -> None:
    app = opened_at(1)
    turn = app.session_state["chat"].turns[-1]
    turn.citations = turn.citations[::-1]
    app.run()
    assert keys(app) == {}


def test_zoom_stops_at_its_ends() -> None:
    state = Opened("t:1")
    for _ in range(9):
        opened.resize(state, 1)
    assert state.zoom == opened.ZOOMS[-1]
    for _ in range(9):
        opened.resize(state, -1)
    assert state.zoom == opened.ZOOMS[0]


def test_what_stands_around_a_quote_is_handed_to_its_card(api: FakeApi) -> None:
    app = ask(start(), "What does a hotel cost?")
    turn = app.session_state["chat"].turns[-1]
    from ui.client import ApiClient
    from ui.views import place

    with pytest.MonkeyPatch.context() as patch, ApiClient(api.url) as client:
        patch.setattr(place.session, "client", lambda: client)
        around = place._around(turn.citations[0])
        assert around["quote"] == HOTEL_QUOTE
        assert around["before"].startswith("\u2026 ")
        assert around["after"].endswith(" \u2026")
        assert place._around(turn.citations[2]) == {}, "what could not be verified stands nowhere"
        api.documents.clear()
        assert place._around(turn.citations[0]) == {"gone": place_texts.GONE_SHORT}
