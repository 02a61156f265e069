"""A query is read: language, phrases, codes, and how well the embedder knows its words."""

from __future__ import annotations

import pytest

from assistant.retrieval.query import familiarity, language_of, read_query


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How many days of leave do I have?", "en"),
        ("Wie viele Tage Urlaub habe ich noch?", "de"),
        ("Combien de jours de congé est-ce que nous avons ?", "fr"),
        ("¿Cuántos días de vacaciones tengo en el año?", "es"),
        ("كم عدد الأيام التي لدي في هذه السنة", "ar"),
        ("zymurgy", ""),
        ("年假有多少天", ""),
        ("", ""),
    ],
)
def test_stop_words_tell_the_language(text, language):
    assert read_query(text).language == language


def test_a_tie_is_no_answer():
    assert language_of(["the", "der"]) == ""


def test_what_stands_in_quotes_is_looked_for_and_else_the_query_itself():
    assert read_query('the policy on "Sick  leave" and “unpaid leave”').phrases == (
        ("sick", "leave"), ("unpaid", "leave"),
    )  # fmt: skip
    assert read_query("What is SF-182?").phrases == (("what", "is", "sf", "182"),)
    assert read_query("?!").phrases == ()


def test_what_is_to_be_found_as_it_is_written():
    assert read_query("Where is ERR_42 in /etc/hosts?").exact == ("err_42", "err42", "etc/hosts")
    assert read_query("Where is the office?").exact == ()


def test_stop_words_say_nothing_in_english_or_the_querys_language():
    query = read_query("Wie viele Tage hat der Urlaub und wo ist the policy")
    assert not query.says_something("der")
    assert not query.says_something("the")
    assert query.says_something("urlaub")


def test_words_that_are_spelled_are_not_known():
    assert familiarity("How many days of leave", 6) == 1.0
    assert familiarity("SF-182", 5) == 0.0
    assert familiarity("Wie viele Urlaubstage", 8) == pytest.approx(19 / 8 - 2)
    assert familiarity("年假有多少天", 6) == 0.0  # a token a sign
    assert familiarity("年假有多少天", 4) == 1.0  # words of two signs
    assert familiarity("", 0) == 0.0
