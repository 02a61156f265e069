"""Calls of tools as HTML."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.api_content import SUM
from ui import languages
from ui.models import ToolPlace, ToolUse
from ui.tool_html import SHOWN, tool_uses

USE = ToolUse.read(SUM)


def test_nothing_of_a_call_is_markup() -> None:
    bad = "<img src=x onerror=alert(1)>"
    places = (ToolPlace(1, bad),)
    use = replace(USE, name=bad, arguments={bad: bad, "n": [bad]}, proposed={bad: 1}, result=bad, places=places)
    shown = tool_uses([replace(use, error=bad, reason=bad)], ended=True)
    assert "<img" not in shown
    assert shown.count("&lt;img") >= 8


def test_a_long_result_says_what_is_not_shown() -> None:
    shown = tool_uses([replace(USE, result="x" * (SHOWN + 1_234))], ended=True)
    assert "and 1,234 more characters" in shown
    assert "more characters" not in tool_uses([replace(USE, result="x" * SHOWN)], ended=True)


def test_a_call_that_broke_off_may_have_been_made() -> None:
    use = replace(USE, state="running", result="")
    assert "not known" in tool_uses([use], ended=True)
    assert "not known" not in tool_uses([use], ended=False)
    assert tool_uses([], ended=True) == ""


def test_places_are_told_in_the_language_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    named = {"source": "s", "key": "a.pdf", "title": "Reisen"}
    places = [{"number": 2, "document": named, "page": 3}, {"number": 4, "document": named, "page": None}]
    use = ToolUse.read({**SUM, "places": places})
    assert "<div>[2] Reisen, Page 3</div><div>[4] Reisen</div>" in tool_uses([use], ended=True)
    monkeypatch.setattr(languages, "current", lambda: "de")
    assert "<div>[2] Reisen, Seite 3</div>" in tool_uses([use], ended=True)


def test_withdrawn_results_say_so() -> None:
    assert ">withdrawn<" in tool_uses([replace(USE, result="[withdrawn]")], ended=True)
