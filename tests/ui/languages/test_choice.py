"""The choice of the language: what it changes at once, and what the browser is told to keep."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes.api import FakeApi
from tests.ui.test_app import visible
from ui.run import SCRIPT


@pytest.fixture
def app(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)
    return AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240).run()


def harness_speaks(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what the harness looks up by itself, outside of the session, be in the session's language as well."""
    monkeypatch.setattr("ui.languages.DEFAULT", language)


def test_the_language_is_chosen_in_the_sidebar_and_changes_everything_at_once(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "What would you like to know?" in visible(app)
    shown = app.radio(key="language-from-en")
    assert shown.options == ["English", "Deutsch"]
    shown.set_value("de").run()
    assert not app.exception
    assert "Was gibt es zu kl\u00e4ren?" in visible(app)
    assert "3 Dokumente aus 1 Quelle" in visible(app)
    assert app.button(key="new-chat").label == "Neuer Chat"
    assert app.radio(key="mode").options[0] == "Automatisch"
    harness_speaks("de", monkeypatch)
    app.radio(key="language-from-de").set_value("en").run()
    assert app.button(key="new-chat").label == "New chat"
    harness_speaks("en", monkeypatch)
    app.radio(key="language-from-en").set_value("de").run()  # there and back: the choice shows what is spoken
    assert app.button(key="new-chat").label == "Neuer Chat"


def test_the_language_that_the_browser_keeps_is_spoken(api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_API_URL", api.url)
    kept = {"assistant_language": "de"}
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", property(lambda _: kept))
    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240).run()
    assert app.button(key="new-chat").label == "Neuer Chat"
    kept["assistant_language"] = "../../etc"
    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=240).run()
    assert app.button(key="new-chat").label == "New chat"


def test_an_answer_is_told_of_in_the_language(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    app.radio(key="language-from-en").set_value("de").run()
    harness_speaks("de", monkeypatch)
    app.chat_input(key="question").set_value("What does a hotel cost at most?").run()
    shown = visible(app)
    for part in (
        "3 Passagen aus 2 Dokumenten gelesen: 412 von 10.000.000 Token",
        "Belege",
        "Nicht best\u00e4tigt",
    ):
        assert part in shown
    for english in ("Verified", "passages from", "Answered by"):
        assert english not in shown
