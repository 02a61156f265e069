"""The API's own pages by language: which is chosen, and that none of their errors is left in English."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import httpx
import pytest
from fastapi import Request

from assistant.api.page_texts import COOKIE, ENGLISH, GERMAN, PageTexts, texts_for
from tests.api.test_routes_sign_in import GOOD, OWN, browser, fill, opened, sign_in
from tests.fakes.system import System

__all__ = ["browser"]  # a fixture


def asking(accept: str = "", cookie: str = "") -> PageTexts:
    headers = [(b"accept-language", accept.encode()), (b"cookie", cookie.encode())]
    return texts_for(Request({"type": "http", "headers": [one for one in headers if one[1]]}))


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT", "de"),
        ("DE-de,en;q=0.5", "de"),
        ("en;q=0.5,de;q=0.9", "de"),
        ("fr, de;q=0.3, en;q=0.2", "de"),
        ("en, de", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("fr-FR, *;q=0.5", "en"),
        ("de;q=often", "en"),
        (", ;q=1, \u00fc".encode().decode("latin-1"), "en"),
        (",".join(["fr"] * 5000) + ",de", "en"),
    ],
)
def test_the_browser_says_which_language(accept: str, language: str) -> None:
    assert asking(accept).language == language


def test_the_language_that_was_chosen_wins() -> None:
    assert asking("en", f"{COOKIE}=de").language == "de"
    assert asking("de", f"{COOKIE}=en").language == "en"
    assert asking("de", f"{COOKIE}=xx").language == "de"


def test_the_web_ui_keeps_it_where_it_is_looked_for() -> None:
    from ui.languages import COOKIE as KEPT
    from ui.languages import LANGUAGES

    assert KEPT == COOKIE
    assert {ENGLISH.language, GERMAN.language} == set(LANGUAGES)


def test_no_text_is_left_in_english() -> None:
    texts = [one.name for one in fields(PageTexts) if one.name != "errors"]
    assert [name for name in texts if getattr(ENGLISH, name) == getattr(GERMAN, name)] == []


@pytest.mark.parametrize("values", [{}, {"password": "wrong and long enough"}, {"token": "0" * 64}])
def test_what_is_wrong_with_a_sign_in_is_said_in_german(browser: Any, values: dict[str, str]) -> None:
    german = OWN | {"Accept-Language": "de-DE,de;q=0.9"}
    answer = fill(browser, "/sign-in", german, **{"user": "ann", "password": "no", **values})
    assert answer.headers["content-language"] == "de"
    assert '<html lang="de">' in answer.text
    assert ">Anmelden</button>" in answer.text
    said = error_of(answer)
    assert said in {
        "Kennung oder Passwort stimmen nicht, oder das Konto ist vorerst geschlossen."
        "<span>Nach 10 falschen Passwörtern geht eine Weile nichts; Admins können ein neues setzen.</span>",
        "Das Formular ist zu alt oder wurde nicht hier ausgefüllt.<span>Noch einmal ausfüllen.</span>",
    }
    assert ("Formular" in said) == ("token" in values)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("not it", "yellow otters like fog", "Das jetzige Passwort lautet anders."),
        (GOOD, GOOD, "Das neue Passwort ist das alte.<span>Ein anderes wählen.</span>"),
        (GOOD, "short", "Ein Passwort hat 12 bis 1000 Zeichen, nicht 5.<span>Ein paar Wörter"),
        (GOOD, "passwortpasswort", "Dieses Passwort ist unter den ersten, die geraten werden."),
    ],
)
def test_what_is_wrong_with_a_new_password_is_said_in_german(browser: Any, old: str, new: str, said: str) -> None:
    sign_in(browser)
    browser.cookies.set(COOKIE, "de")
    answer = fill(browser, "/change-password", old=old, new=new, again=new)
    assert error_of(answer).startswith(said)
    assert "Passwort ändern</button>" in answer.text


def test_signing_out_in_german(browser: Any) -> None:
    sign_in(browser)
    browser.cookies.set(COOKIE, "de")
    assert "Angemeldet als ann." in browser.get("/sign-out").text
    assert fill(browser, "/sign-out").status_code == 303
    assert "In diesem Browser ist niemand angemeldet." in browser.get("/sign-out").text


def test_too_many_tries_are_refused_in_german(system: System) -> None:
    with opened(system) as client:
        client.cookies.set(COOKIE, "de")
        for _ in range(40):
            answer = fill(client, "/sign-in", user="nobody-here", password="wrong")
            if answer.status_code == 429:
                break
    said = error_of(answer)
    assert said.startswith("Von dieser Adresse kamen zu viele falsche Passwörter.<span>")
    assert said.endswith(" Sekunden warten.</span>")


def test_an_error_that_has_no_german_sentence_is_shown_as_it_is() -> None:
    assert GERMAN.error("see `oidc_issuer`") == "see `oidc_issuer`"


def error_of(answer: httpx.Response) -> str:
    _, found, rest = answer.text.partition('<div class="error" role="alert">')
    assert found, answer.text
    return rest.partition("</div>")[0]
