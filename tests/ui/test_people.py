"""The page of people, against the real API: what one admin does to an account while another one looks at it."""

from __future__ import annotations

import pytest

from assistant.access import Changes
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System
from tests.ui.signed_in import Browser, sign_in
from ui import render, texts


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
    late = card.app.button(key="close-cora")
    system.accounts.change("cora", Changes(disabled=True), LOCAL_OPERATOR)
    late.click()
    card.shown()
    assert system.catalog.people.get("cora").disabled
    card.press("open-cora")
    assert not system.catalog.people.get("cora").disabled
    assert [one.value for one in card.app.toast] == [render.plain("Cora can sign in again.")]
