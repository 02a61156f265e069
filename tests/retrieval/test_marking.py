"""Which words of a text are a query's, and which stretch of it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.marking import marks, stretch, wanted_terms

TEXT = "Hotels are paid. A hotel costs 140 euros; the cost of hotels is checked."


def words(text: str, query: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in marks(text, wanted_terms(query, [language]), language)]


@pytest.mark.parametrize(
    ("text", "query", "language", "found"),
    [
        (TEXT, "hotel costs", "en", ["Hotels", "hotel", "costs", "cost", "hotels"]),
        (TEXT, "the of is", "en", []),
        (TEXT, "", "en", []),
        ("Die Reisekosten werden erstattet, die Reise nicht.", "reisen", "de", ["Reise"]),
        ("Caf\u00e9 und CAFE", "cafe", "de", ["Caf\u00e9", "CAFE"]),
        ("Form SF-182 is due.", "sf-182", "en", ["SF", "182"]),
        ("\u51fa\u5f35\u65c5\u8cbb\u898f\u7a0b", "\u65c5\u8cbb", "ja", ["\u65c5\u8cbb"]),
    ],
)
def test_words_are_marked_in_whatever_form(text: str, query: str, language: str, found: list[str]) -> None:
    assert words(text, query, language) == found


@given(st.text(max_size=200), st.text(max_size=30))
def test_marks_are_in_order_and_in_the_text(text: str, query: str) -> None:
    marked = marks(text, wanted_terms(query, []), "")
    flat = [at for span in marked for at in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in marked)


def test_the_stretch_with_most_marks_is_shown_cut_at_blanks() -> None:
    text = "alpha " * 100 + "hotel " + "beta " * 100 + "hotel costs of a hotel " + "gamma " * 100
    marked = marks(text, wanted_terms("hotel costs", []), "en")
    start, end = stretch(text, marked, 120)
    shown = text[start:end]
    assert "hotel costs of a hotel" in shown
    assert len(shown) <= 160
    assert shown.split() == [word for word in shown.split() if word in {"beta", "hotel", "costs", "of", "a", "gamma"}]


@given(st.text(max_size=300), st.integers(1, 100))
def test_a_stretch_lies_in_the_text(text: str, length: int) -> None:
    start, end = stretch(text, (), length)
    assert 0 <= start <= end <= len(text)
    assert len(text) > length or (start, end) == (0, len(text))
