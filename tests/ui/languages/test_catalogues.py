"""Every language has every text, as a text, a table or a function like the English one."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui.languages.en
from ui import texts
from ui.languages import DEFAULT, LANGUAGES, current, direction

MODULES = sorted(one.name for one in pkgutil.iter_modules(ui.languages.en.__path__))
OTHERS = [language for language in LANGUAGES if language != DEFAULT]


def module(language: str, name: str) -> ModuleType:
    return import_module(f"ui.languages.{language}.{name}")


def said(of: ModuleType) -> dict[str, Any]:
    """Return what a module of texts has for others, by name; what it imports from elsewhere is not its own."""
    own = {}
    for name, value in vars(of).items():
        foreign = isinstance(value, ModuleType) or getattr(value, "__module__", of.__name__) != of.__name__
        if not name.startswith("_") and not foreign and not isinstance(value, type(None)):
            own[name] = value
    own.pop("annotations", None)
    return own


def words(value: Any) -> list[str]:
    """Return the texts in a constant."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in words(one)]
    return [text for one in value for text in words(one)] if isinstance(value, (tuple, list)) else []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", MODULES)
def test_no_text_is_missing(language: str, name: str) -> None:
    english, other = said(module(DEFAULT, name)), said(module(language, name))
    assert other.keys() == english.keys()
    for text, value in english.items():
        assert type(other[text]) is type(value), text
        if callable(value):
            assert str(inspect.signature(other[text])) == str(inspect.signature(value)), text
        if isinstance(value, dict):
            assert len(other[text]) == len(value), text


@pytest.mark.parametrize("language", OTHERS)
def test_hardly_a_sentence_is_left_in_english(language: str) -> None:
    same = [
        f"{name}.{text}: {one}"
        for name in MODULES
        for text, value in said(module(DEFAULT, name)).items()
        if not callable(value)
        for one, other in zip(words(value), words(getattr(module(language, name), text)), strict=True)
        if one == other and len(one.split()) > 2
    ]
    assert same == []


def test_a_text_is_looked_up_when_it_is_drawn() -> None:
    def script() -> None:
        import streamlit as st

        from ui import texts
        from ui.languages import direction

        st.write(texts.NEW_CHAT)
        st.write(direction())

    app = AppTest.from_function(script).run()
    assert [one.value for one in app.markdown] == ["New chat", "ltr"]
    app.session_state["language"] = "de"
    assert [one.value for one in app.run().markdown] == ["Neuer Chat", "ltr"]
    app.session_state["language"] = "xx"
    assert [one.value for one in app.run().markdown] == ["New chat", "ltr"]


def test_outside_of_a_session_it_is_english() -> None:
    assert (current(), direction()) == ("en", "ltr")
    assert texts.count(2, "page") == "2 pages"
    with pytest.raises(AttributeError):
        _ = texts.NOBODY_WROTE_THIS
