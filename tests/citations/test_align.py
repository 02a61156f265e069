"""Aligning quotes with texts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.citations import align, normalise

SIGNS = "abfil01 \n\t\u00a0.-\u2013\u2014'\u2019\"\u201c\u201d\u200b\u00ad\ufb01…"
TEXTS = st.text(st.sampled_from(SIGNS), max_size=80)


def test_exact_quote_is_found_where_it_stands():
    assert align("two days", "It takes two days.") == (9, 17)


def test_the_place_nearest_to_the_hint_wins():
    text = "a cat. a cat. a cat."
    assert align("a cat.", text) == (0, 6)
    assert align("a cat.", text, near=8) == (7, 13)
    assert align("a cat.", text, near=1000) == (14, 20)


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("two working days", "It takes two\n   working\u00a0days.", "two\n   working\u00a0days"),
        ('say "yes" now', "They say \u201cyes\u201d now.", "say \u201cyes\u201d now"),
        ("don't", "You don\u2019t pay.", "don\u2019t"),
        ("pages 3-5", "See pages 3\u20135.", "pages 3\u20135"),
        ("final offer", "The \ufb01nal of\u00adfer stands.", "\ufb01nal of\u00adfer"),
        ("  padded  ", "is padded.", "padded"),
    ],
)
def test_only_blanks_quotes_dashes_and_invisible_signs_may_differ(quote, text, found):
    span = align(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize("quote", ["", "   ", "\u200b", "Two days", "two  dayz", "twodays", "21 days"])
def test_anything_else_is_not_found(quote):
    assert align(quote, "It takes two days.") is None


def test_signs_with_a_meaning_in_patterns_are_plain_signs():
    assert align("a+(b)* $5.00?", "cost: a+(b)*\n$5.00?") == (6, 19)


@given(TEXTS, st.data())
def test_every_stretch_of_a_text_is_found_and_stands_there(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = text[start:end]
    span = align(quote, text, near=start)
    if normalise(quote):
        assert span == (start, end)
    else:
        assert span is None


@given(TEXTS, st.data())
def test_a_disturbed_quote_is_found_where_the_text_says_the_same(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    quote = re.sub(r"\s+", lambda _: data.draw(st.sampled_from([" ", "\n", "  ", "\u00a0"])), text[start:end])
    quote = re.sub("[-\u2013\u2014]", lambda _: data.draw(st.sampled_from("-\u2013\u2014")), quote)
    quote = re.sub("['\u2019]", lambda _: data.draw(st.sampled_from("'\u2019\u2018")), quote)
    span = align(quote, text)
    if not normalise(quote):
        assert span is None
        return
    assert span is not None
    assert normalise(text[slice(*span)]) == normalise(quote)


@given(TEXTS, TEXTS)
def test_what_is_found_says_the_same(quote, text):
    span = align(quote, text)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        assert normalise(text[slice(*span)]) == normalise(quote)


def test_repetitive_text_is_no_trap():
    text = "a \u200b" * 5000
    assert align("a " * 100 + "b", text) is None
