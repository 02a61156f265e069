"""The citation checker on small documents of its own; `citation_check` measures it on real ones."""

import pytest

from tests.answer.memory import cut, make_document
from tests.benchmarks.citation_check import judged, report, wanted
from tests.benchmarks.made_answers import INVENTED, made_answers

TRAVEL = """# Travel

Train tickets are booked in Concur at least 21 days before the trip begins. The travel desk in Denver answers
questions about hotels within 3 days, and those about flights within 5 hours.

## Hotels

A night in a hotel may cost up to 180 dollars in Boston and 140 dollars in Omaha. When a conference hotel costs more,
employees must ask Ms. Grey before they book a room. The receipt is sent to Finance with form SF-182 after the trip.

## Cars

Rental cars should be returned with a full tank because Avis charges 25 dollars otherwise. Drivers must have held a
licence for 2 years. The insurance of the General Fund covers damage to the car, and the driver is not liable for it.

## Abroad

Trips abroad are approved by Director Weiss at least 45 days ahead. Employees will receive a phone from Verizon that
works in Canada and in Mexico. Visas for Brazil take about 6 weeks, since the consulate in Houston reviews every form.

"""
LEAVE = """# Leave

Employees may carry over 240 hours of annual leave into the next year. Whoever leaves the agency in March is paid for
160 hours of it in April.

## Sick leave

Sick leave is reported to the supervisor before 9 in the morning. A note of a doctor is required after 3 days, and it
is sent to Human Resources in Kansas. If a child is ill, parents should use the same form as for themselves.

## Parental leave

Parents may take 12 weeks of paid leave within 52 weeks of the birth. The request is sent to Payroll with form OPM-71
about 30 days before. Because Payroll needs 2 weeks, late requests are not paid in the first month.

## Holidays

The offices in Chicago are closed on Columbus Day and those in Seattle are open. Work on a holiday must be approved by
the Deputy Director within 10 days. It is paid with 1.5 times the usual rate, which Treasury sets in January.

"""


@pytest.fixture(scope="module")
def pairs():
    documents = [make_document("travel.md", TRAVEL, title="Travel"), make_document("leave.md", LEAVE, title="Leave")]
    documents += [make_document("trips.md", TRAVEL[10:].replace("Concur", "Tock"), title="Trips")]

    def pieces(document):
        return cut(document, size=330)

    return list(judged(list(made_answers(documents, pieces, 80, seed=3)), documents))


def test_what_is_right_is_told_from_what_is_invented(pairs):
    figures = report(pairs)
    assert figures["statements"] > 150
    assert min(figures["right"].values()) >= 0.98
    assert min(figures["invented"].values()) >= 0.98


def test_quotes_are_exact(pairs):
    verbatim = [(made, citation) for made, citation in pairs if made.kind in {"verbatim", "shifted"}]
    assert len(verbatim) > 40
    assert all(wanted(made, citation) for made, citation in verbatim)


def test_other_words_are_never_called_wrong(pairs):
    paraphrased = [citation.supported for made, citation in pairs if made.kind == "paraphrased"]
    assert len(paraphrased) > 5
    assert False not in paraphrased


def test_every_way_to_invent_is_there(pairs):
    assert {made.kind for made, _ in pairs} >= set(INVENTED)
