"""The rule for facts in answers."""

from __future__ import annotations

import pytest

from assistant.evaluation.facts import holds, share_held, token_f1


@pytest.mark.parametrize(
    ("answer", "fact", "held"),
    [
        ("Book 21  days before the trip [1].", "21 days", True),
        ("Book 12 days before.", "21 days", False),
        ("Grade K7 is paid 4,310 euros.", "4310 euros", True),
        ("It takes twelve days.", "12 days", True),
        ("The form is SF-182.", "SF-182", True),
        ("The form is SF-181.", "SF-182", False),
        ("Trips are booked in Concur.", "booking a trip in Concur", True),
        ("Trips are booked in Concur.", "booking a flight in Concur", False),
        # five stems: four of them are 80 %
        ("Managers approve travel requests in Concur.", "Managers must approve every travel request in Tock", False),
        ("Managers approve travel requests in Concur.", "Managers approve travel requests in Concur early", True),
        ("Ein Résumé.", "resume", True),
        ("→ yes", "→", True),
        ("anything", " ", False),
    ],
)
def test_numbers_must_be_there_and_long_facts_may_be_said_in_other_words(answer, fact, held):
    assert holds(answer, fact) is held


def test_shares():
    assert share_held("21 days before the trip", "Book 21 days ahead") == pytest.approx(2 / 3)  # 21, day; not trip
    assert share_held("the", "the") == 0.0
    # said: train, concur; wanted: train, ticket, concur, tock
    assert token_f1("trains in Concur", "train tickets in Concur, not Tock") == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert token_f1("", "x") == 0.0
