"""The page of people, against the real API: what one admin does to an account while another one looks at it."""

from __future__ import annotations

import pytest

from assistant.access import Changes, Where
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System
from tests.ui.signed_in import Browser, sign_in
from ui import people_texts, render, texts


@pytest.fixture
def card(system: System, browser: Browser) -> Browser:
    """The page of an admin who has opened the card of cora, a curator."""
    browser.secret = sign_in(system, "boss", "admin").secret
    system.people.add("cora", "Cora", ["hr", "it"], "curator", LOCAL_OPERATOR, curates=["s"])
    browser.open("people")
    browser.app.session_state["manage-cora"] = True
    browser.shown()
    return browser


def test_saving_gives_back_nothing_that_was_taken_away_meanwhile(system: System, card: Browser) -> None:
    system.accounts.change("cora", Changes(role="employee", groups=("it", "pay")), LOCAL_OPERATOR)
    card.app.text_input(key="change-cora-0-name").set_value("Cora C.")
    card.app.text_input(key="change-cora-0-groups").set_value("hr, it, ops")
    card.press("FormSubmitter:change-cora-0-Save")
    cora = system.catalog.people.get("cora")
    assert (cora.name, cora.role, cora.curates) == ("Cora C.", "employee", ())
    assert set(cora.groups) == {"it", "pay", "ops"}
    assert [one.value for one in card.app.toast] == [render.plain(f"Cora was changed. {texts.ONLY_YOURS}")]
    assert card.app.selectbox(key="change-cora-1-role").value == "employee"
    assert card.app.text_input(key="change-cora-1-name").value == "Cora C."


def test_a_form_that_is_behind_says_so_until_the_card_is_opened_anew(system: System, card: Browser) -> None:
    assert texts.CHANGED_MEANWHILE not in card.shown()
    system.accounts.change("cora", Changes(role="employee"), LOCAL_OPERATOR)
    assert texts.CHANGED_MEANWHILE in card.shown()
    assert card.app.selectbox(key="change-cora-0-role").value == "curator"
    card.app.session_state["manage-cora"] = False
    card.shown()
    card.app.session_state["manage-cora"] = True
    assert texts.CHANGED_MEANWHILE not in card.shown()
    assert card.app.selectbox(key="change-cora-1-role").value == "employee"


def test_a_late_click_on_a_button_that_is_gone_does_not_do_the_other(system: System, card: Browser) -> None:
    card.press("close-cora")
    late = card.app.button(key="confirm-close-cora")
    system.accounts.change("cora", Changes(disabled=True), LOCAL_OPERATOR)
    late.click()
    card.shown()
    assert system.catalog.people.get("cora").disabled
    card.press("open-cora")
    assert not system.catalog.people.get("cora").disabled
    assert "confirm-close-cora" not in [button.key for button in card.app.button]
    assert [one.value for one in card.app.toast] == [render.plain("Cora can sign in again.")]


def test_what_ends_or_shuts_something_asks_first_and_says_what_happens(system: System, card: Browser) -> None:
    cora = system.sign_in.known(system.catalog.people.get("cora"), "oidc", Where())
    for key, body in (
        ("reset", people_texts.RESET_BODY),
        ("end", people_texts.END_BODY),
        ("close", people_texts.CLOSE_BODY),
    ):
        assert body in card.press(f"{key}-cora")
        assert body not in card.press(f"cancel-{key}-cora")
    assert system.sign_in.caller(cora.secret).user.id == "cora"
    card.press("end-cora")
    card.press("confirm-end-cora")
    assert system.sign_in.sessions("cora", LOCAL_OPERATOR) == []


def test_ending_all_of_ones_own_sessions_leaves_the_one_in_use(system: System, card: Browser) -> None:
    other = system.sign_in.known(system.catalog.people.get("boss"), "oidc", Where())
    card.app.session_state["manage-boss"] = True
    card.shown()
    assert "reset-boss" not in [button.key for button in card.app.button]  # it would end the session that shows it
    assert people_texts.END_OWN_BODY in card.press("end-boss")
    assert people_texts.ENDED not in card.press("confirm-end-boss")
    assert other.session.id not in [one.id for one in system.sign_in.sessions("boss", LOCAL_OPERATOR)]
    assert system.sign_in.caller(card.secret).user.id == "boss"


def test_a_question_goes_with_its_card(card: Browser) -> None:
    card.press("close-cora")
    card.app.session_state["manage-cora"] = False
    card.shown()
    card.app.session_state["manage-cora"] = True
    assert people_texts.CLOSE_BODY not in card.shown()
