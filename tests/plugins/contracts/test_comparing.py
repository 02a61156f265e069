"""Two contracts, clause by clause."""

from __future__ import annotations

from plugins.contracts.comparing import Change, compared
from tests.plugins.contracts.texts import contract, made

OLD = """1. Term
It starts on 1 May and runs for a year.
2. Fees
The fee is 100 euros a month.
3. Law
French law applies."""


def shown(changes: list[Change]) -> list[tuple[str, str, str]]:
    return [(one.state, one.old.name if one.old else "", one.new.name if one.new else "") for one in changes]


def states(old: str, new: str) -> list[tuple[str, str, str]]:
    return shown(compared(made(old), made(new)))


def test_the_same_is_the_same_however_it_is_broken_into_lines() -> None:
    assert {
        state for state, _, _ in states(OLD, OLD.replace("runs for", "runs\n   for").replace("2. Fees", "2.  **Fees**"))
    } == {"same"}


def test_changed_words_stand_in_their_places() -> None:
    changes = compared(made(OLD), made(OLD.replace("100", "120")))
    (changed,) = [one for one in changes if one.state == "changed"]
    assert "[-100-] {+120+}" in changed.words
    assert changed.old is not None
    assert changed.old.name == "2 Fees"


def test_what_comes_between_moves_the_rest() -> None:
    new = OLD.replace("2. Fees", "2. Data\nNo data may leave the house at night.\n3. Fees").replace("3. Law", "4. Law")
    assert states(OLD, new) == [
        ("same", "1 Term", "1 Term"),
        ("added", "", "2 Data"),
        ("moved", "2 Fees", "3 Fees"),
        ("moved", "3 Law", "4 Law"),
    ]


def test_what_is_gone_is_told_where_it_stood() -> None:
    new = OLD.replace("2. Fees\nThe fee is 100 euros a month.\n3. Law", "2. Law")
    assert states(OLD, new) == [("same", "1 Term", "1 Term"), ("removed", "2 Fees", ""), ("moved", "3 Law", "2 Law")]


def test_texts_without_clauses_are_compared_by_paragraphs() -> None:
    old = "We sell apples.\n\nWe sell pears in the summer of each year."
    changes = compared(made(old), made(old.replace("summer", "winter")))
    assert [one.state for one in changes] == ["same", "changed"]
    assert "[-summer-] {+winter+}" in changes[1].words


def test_two_versions_of_a_contract() -> None:
    changes = compared(contract("hosting-2025.md"), contract("hosting-2027.md"))
    assert shown([one for one in changes if one.state != "same"]) == [
        ("changed", "(before the first clause)", "(before the first clause)"),
        ("changed", "1.2 Availability", "1.2 Availability"),
        ("changed", "2.1", "2.1"),
        ("removed", "2.3", ""),
        ("changed", "3.1", "3.1"),
        ("changed", "4.1", "4.1"),
        ("added", "", "6 Data Protection"),
        ("moved", "6 Governing Law", "7 Governing Law"),
    ]
