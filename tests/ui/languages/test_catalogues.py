"""Every language has every text, as a text, a table or a function like the English one."""

from __future__ import annotations

import inspect
import pkgutil
import re
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui
import ui.languages.en
from ui import texts
from ui.languages import DEFAULT, LANGUAGES, current, direction
from ui.models import DocumentName, Plan, Planned

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


def test_no_page_writes_numbers_and_dates_in_a_way_of_its_own() -> None:
    root = Path(ui.__file__).parent
    own = {
        str(path.relative_to(root)): found
        for path in root.rglob("*.py")
        if "languages" not in path.relative_to(root).parts
        and (found := re.findall(r":,}|strftime|format=\"[YDM]|texts\.count\(", path.read_text(encoding="utf-8")))
    }
    assert own == {}, "they look alike in every language: use ui.formats"


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


def test_german_numbers_and_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.languages.de import audit_texts, formats, people_texts, plan_texts, texts

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        assert (formats.number(1_234_567), formats.decimal(1234.56)) == ("1.234.567", "1.234,6")
        assert (formats.day(0), formats.clock(0)) == ("01.01.1970", "00:00")
        assert formats.instant(0) == "01.01.1970 00:00:00"
        assert people_texts.until(0) == "bis 01.01.1970"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [formats.iso_day(said) for said in ("2026-01-31", "2026-01-31T23:59:00Z", "soon", "")] == [
        "31.01.2026",
        "31.01.2026",
        "soon",
        "",
    ]
    assert (texts.timing(2.34), texts.timing(0.5)) == ("2,3 s", "500 ms")
    assert (texts.ago(0, 86_400), texts.ago(0, 7_200)) == ("vor 1 Tag", "vor 2 Stunden")
    assert (plan_texts.usage("prompt_tokens", 1204), plan_texts.phase("search", 0.021)) == (
        "gelesene Token 1.204",
        "Suche 21 ms",
    )
    assert texts.forgotten(1).startswith("1 frühere Frage dieses Chats passte")
    assert audit_texts.COLUMNS[1] == "Wann (UTC)"


def test_a_german_plan_in_plain_words() -> None:
    from ui.languages.de import texts

    passages = tuple(Planned(DocumentName("s", key, key, ""), 100) for key in "aab")
    whole = passages[:1]
    few = Plan("chunks", "", 10_000_000, 1412, (), passages, whole)
    assert texts.plan_sentence(few) == (
        "3 Passagen aus 2 Dokumenten gelesen: 1.412 von 10.000.000 Token; 1 Dokument ausgelassen"
    )
    both = Plan("documents", "", 10_000, 412, whole, passages[1:2], ())
    assert texts.plan_sentence(both) == "1 Dokument ganz und 1 Passage aus 1 Dokument gelesen: 412 von 10.000 Token"
    everything = Plan("corpus", "", 10_000, 412, whole, (), ())
    assert texts.plan_sentence(everything) == "Alles gelesen, 1 Dokument: 412 von 10.000 Token"


def test_a_thread_speaks_the_language_of_its_session() -> None:
    def script() -> None:
        import threading

        import streamlit as st

        from ui import languages, texts

        heard: list[str] = []
        for action in (lambda: heard.append(texts.STOP), languages.kept_in_thread(lambda: heard.append(texts.STOP))):
            thread = threading.Thread(target=action)
            thread.start()
            thread.join()
        st.write(" ".join(heard))

    app = AppTest.from_function(script)
    app.session_state["language"] = "de"
    assert [one.value for one in app.run().markdown] == ["Stop Anhalten"]


def test_outside_of_a_session_it_is_english() -> None:
    assert (current(), direction()) == ("en", "ltr")
    assert texts.count(2, "page") == "2 pages"
    with pytest.raises(AttributeError):
        _ = texts.NOBODY_WROTE_THIS


def test_every_text_is_shown_somewhere() -> None:
    code = "\n".join(
        path.read_text("utf-8") for path in Path(str(ui.__file__)).parent.rglob("*.py") if "languages" not in path.parts
    )
    texts_of = {name: Path(str(module(DEFAULT, name).__file__)).read_text("utf-8") for name in MODULES}
    used = Counter(re.findall(r"\b\w+\b", "\n".join(texts_of.values())))
    shown = set(re.findall(r"\b\w+\b", code))
    unused = [f"{name}.{text}" for name in MODULES for text in said(module(DEFAULT, name)) if text not in shown]
    assert [one for one in unused if used[one.partition(".")[2]] < 2] == []
