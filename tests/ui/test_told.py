"""What the API says of failures and answers, in the language of who reads it."""

from __future__ import annotations

import httpx
import pytest

from assistant import errors
from assistant.answer import written
from ui import languages, told
from ui.calls import refusal
from ui.languages.de import error_texts as german


@pytest.fixture
def speaks_german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "current", lambda: "de")


def answered() -> httpx.Response:
    body = {"error": "3 answers are under way already", "hint": "ask again in a moment", "code": "ModelOverloadedError"}
    return httpx.Response(503, json=body)


def test_an_error_is_told_in_german_with_the_words_of_the_server(speaks_german: None) -> None:
    error = refusal(answered())
    assert error.message == "Gerade sind zu viele Anfragen unterwegs"
    assert error.hint.startswith("Warten Sie kurz")
    assert error.hint.endswith("Der Server sagte: 3 answers are under way already (ask again in a moment)")
    assert error.code == "ModelOverloadedError"


def test_in_english_it_is_told_as_the_server_does() -> None:
    error = refusal(answered())
    assert (error.message, error.hint) == ("3 answers are under way already", "ask again in a moment")


def test_an_error_that_is_not_known_is_told_as_it_is(speaks_german: None) -> None:
    assert told.error("no kind x", "see the list", "ConfigurationError") == ("no kind x", "see the list")


def test_each_error_of_the_catalogue_is_one_of_the_house() -> None:
    known = {name for name in vars(errors) if name.endswith("Error")} | {"InternalError"}
    assert german._ERRORS.keys() <= known


def test_notes_are_told_in_german_where_they_are_known(speaks_german: None) -> None:
    away = "the language model did not answer, so that sentences of the documents are quoted instead: it is away"
    assert told.notes([away, "something new"]) == [
        "Das Sprachmodell hat nicht geantwortet; deshalb sind Sätze aus den Dokumenten zitiert."
        " Der Server sagte: it is away",
        "something new",
    ]


@pytest.mark.parametrize("state", ["stopped", "interrupted"])
def test_a_note_that_says_what_the_state_says_is_left_out(state: str) -> None:
    note = written._ENDINGS[state]
    assert told.notes([note, "more"], state) == ["more"]
    assert told.notes([note]) == [note]
