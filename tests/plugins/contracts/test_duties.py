"""Who has to do what by when."""

from __future__ import annotations

import pytest

from plugins.contracts.duties import duties_of
from tests.plugins.contracts.texts import contract, made


def rows(text: str) -> list[tuple[str, str, str]]:
    return [(duty.kind, duty.party, duty.due.shown if duty.due else "") for duty in duties_of(made(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Supplier shall deliver within 10 days.", [("duty", "Supplier", "10 days")]),
        ("The Customer must not copy it.", [("prohibition", "Customer", "")]),
        ("Neither party shall assign it.", [("prohibition", "Neither party", "")]),
        (
            "The Supplier shall act and must keep it for 30 days.",
            [("duty", "Supplier", ""), ("duty", "Supplier", "30 days")],
        ),
        ("The Supplier (at its own cost) shall act.", [("duty", "Supplier", "")]),
        ("Invoices are due within 30 days of receipt.", [("duty", "", "30 days")]),
        ("It may be ended with 90 days notice.", [("notice", "", "90 days")]),
        ("It starts on 1 May 2026.", [("date", "", "2026-05-01")]),
        ("You may not (i) copy it; or (ii) sell it.", [("prohibition", "You", "")]),
        ("Neither party  may assign it.", [("prohibition", "Neither party", "")]),
        ("Neither party may sell, except that either party may lend it.", [("prohibition", "Neither party", "")]),
        ("Was zwischen den Parteien ausgetauscht werden, ist geheim.", []),
        ("The Customer may copy it.", []),
        ("Die andere Partei ist unverzüglich zu informieren.", []),
        ("The Customer, which the Supplier met, is nice.", []),
        ("This Agreement shall be deemed signed.", []),
        ("It is the date You accept this Agreement and will continue.", []),
        ("The apples will be red.", []),
        ("Der Auftragnehmer ist verpflichtet, zu liefern.", [("duty", "Auftragnehmer", "")]),
        ("Innerhalb von 14 Tagen hat der Auftraggeber die Ware zu prüfen.", [("duty", "Auftraggeber", "14 days")]),
        ("Meldet der Auftraggeber das, muss der Auftragnehmer kommen.", [("duty", "Auftragnehmer", "")]),
        ("Der Auftraggeber darf sie nicht nutzen.", [("prohibition", "Auftraggeber", "")]),
        ("Der Auftraggeber darf sie nutzen.", []),
        ("Er kann mit einer Frist von drei Monaten gekündigt werden.", [("notice", "", "3 months")]),
        ("Rechnungen sind innerhalb von 21 Tagen nach Zugang fällig.", [("duty", "", "21 days")]),
    ],
)
def test_sentences(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert rows(text) == expected


def test_parties_are_those_that_the_contract_defines() -> None:
    text = 'Between Ann ("Gardener") and Bob. The Gardener shall dig. The Apple shall fall.'
    assert rows(text) == [("duty", "Gardener", "")]


def test_each_row_stands_where_it_says() -> None:
    document = contract("wartungsvertrag.md")
    found = {duty.text[:30]: duty for duty in duties_of(document)}
    start = found["Meldet der Auftraggeber eine S"]
    assert document.text[start.start : start.end].endswith("mit der Behebung beginnen.")
    assert start.clause is not None
    assert start.clause.number == "§ 2 (1)"
    assert [duty.due.shown for duty in duties_of(document) if duty.kind == "date" and duty.due] == [
        "2026-01-15",
        "2026-02-01",
        "2029-01-31",
    ]
