"""What a question and an answer have to be, so that something is learnt from them."""

from __future__ import annotations

import pytest

from assistant.answer.speaking import Spoken
from assistant.citations import Claims, read_claims
from assistant.distillation.checking import fault_of_answer, fault_of_refusal, is_vague, place_of
from assistant.types import Passage, User
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder

ANN = User("ann", frozenset({"everyone"}))
TEXT = "Employees have 28 days of leave in a year. Leave is asked for in the portal, two weeks ahead."
LEAVE = make_document("leave.md", TEXT)
TRAVEL = make_document("travel.md", "Hotels are paid up to 140 euros a night. Trains go before planes.")
SECRET = make_document("pay.md", "The director is paid 300,000 euros a year.", readers=("hr",))


def claims(answer: str) -> Claims:
    documents = (LEAVE, TRAVEL, SECRET)
    sources = {n: Passage(d.ref, 0, len(d.text), d.text) for n, d in enumerate(documents, 1)}
    return read_claims(answer, sources, ANN, MemoryLibrary(documents, FakeEmbedder()))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("Employees have 28 days of leave in a year [1].", ""),
        ("Employees have 28 days of leave in a year [1]. Trains go before planes [2].", ""),
        ("Employees have 28 days of leave in a year [2].", "unsupported"),
        ("Employees have 31 days of leave in a year [1].", "unsupported"),
        ("Employees have 28 days of leave in a year [1]. The moon is made of basalt [2].", "unsupported"),
        ("Employees have 28 days of leave in a year [1]. Plan well ahead of every longer trip.", "uncited"),
        ("Employees have 28 days of leave in a year.", "uncited"),
        ("Employees have 28 days of leave in a year [1][7].", "no_source"),
        ("The director is paid 300,000 euros a year [3].", "unverified"),
    ],
)
def test_an_answer(answer: str, fault: str) -> None:
    assert fault_of_answer(Spoken(claims(answer)), keep_unknown=False) == fault


def test_an_answer_that_no_rule_can_tell_of_is_kept_where_that_is_wanted() -> None:
    vague = claims("Leave must be requested in the portal two weeks ahead [1].")
    assert [citation.supported for citation in vague.citations] == [None]
    assert fault_of_answer(Spoken(vague), keep_unknown=False) == "unknown"
    assert fault_of_answer(Spoken(vague), keep_unknown=True) == ""


def test_what_did_not_end_and_what_refuses() -> None:
    good = claims("Employees have 28 days of leave in a year [1].")
    assert fault_of_answer(Spoken(good, state="cut"), keep_unknown=True) == "cut"
    assert fault_of_answer(Spoken(refused=" Nothing is said."), keep_unknown=True) == "refused"
    assert fault_of_refusal(Spoken(good)) == "answered"
    assert fault_of_refusal(Spoken(refused=" Nothing")) == ""
    assert fault_of_refusal(Spoken(refused=" Nothing", state="cut")) == "cut"


@pytest.mark.parametrize(
    ("question", "vague"),
    [
        ("How many days of leave does this document give?", True),
        ("What is mentioned above?", True),
        ("What does the passage say of trains?", True),
        ("What?", True),
        ("How many days of leave do employees have?", False),
        ("What does the section of Finance pay?", False),
        ("Which documents are needed for a visa?", False),
    ],
)
def test_a_question_has_to_stand_by_itself(question: str, vague: bool) -> None:
    assert is_vague(question) == vague


def test_evidence_has_to_stand_in_the_document() -> None:
    found = place_of("Leave is asked for  in the portal", LEAVE, 0)
    assert found is not None
    assert TEXT[slice(*found)] == "Leave is asked for in the portal"
    assert place_of("Leave is asked for by mail", LEAVE, 0) is None
    assert place_of(" ", LEAVE, 0) is None
