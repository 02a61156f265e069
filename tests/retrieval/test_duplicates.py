"""Copies, versions and quotes come once; what only looks alike stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.candidates import Candidate
from assistant.retrieval.duplicates import _WORD, _Print, merge_duplicates
from assistant.retrieval.versions import are_versions, edition
from tests.retrieval.candidates import candidate, keys

TEXT = (
    "Everyone who works here has a right to thirty days of holiday a year, of which twenty must be taken before the"
    " end of December and the others before the end of March of the following year."
)


def also(one: Candidate) -> list[str]:
    return [ref.key for ref in one.passage.also]


def test_a_copy_is_named_with_the_best_one_and_leaves_its_place_to_others() -> None:
    copy = candidate("other/rules.txt", f"{TEXT.upper()}\n", 0.5)
    found = merge_duplicates([candidate("a.txt", TEXT, 0.9), copy, candidate("b.txt", "Something else entirely.", 0.1)])
    assert keys(found) == ["a.txt", "b.txt"]
    assert also(found[0]) == ["other/rules.txt"]
    assert found[0].passage.score == 0.9
    assert also(found[1]) == []


def test_the_newest_version_stands_for_all_at_the_best_place() -> None:
    old, new = candidate("hr/policy-v2.md", TEXT, 0.9), candidate("hr/policy-v10.md", TEXT.replace("thirty", "31"), 0.4)
    found = merge_duplicates([old, candidate("x.txt", "Quite another thing", 0.6), new])
    assert keys(found) == ["hr/policy-v10.md", "x.txt"]
    assert found[0].passage.text == new.passage.text
    assert (found[0].passage.score, also(found[0])) == (0.9, ["hr/policy-v2.md"])


def test_dates_decide_where_numbers_do_not() -> None:
    old = candidate("policy.md", TEXT, 0.9, "2023-05-01T00:00:00Z")
    new = candidate("policy (1).md", TEXT, 0.8, "2024-05-01T00:00:00Z")
    assert keys(merge_duplicates([old, new])) == ["policy (1).md"]
    draft = candidate("policy draft.md", TEXT, 0.9, "2023-05-01T00:00:00Z")
    assert keys(merge_duplicates([draft, old])) == ["policy.md"]


def test_forms_that_differ_in_a_number_only_all_stay() -> None:
    sheets = [candidate(f"pump-{n}.txt", f"{TEXT} The pump takes {n} watts.") for n in (30, 45, 60)]
    assert merge_duplicates(sheets) == sheets
    reports = [candidate(f"report-{year}.txt", f"{TEXT} So it was in {year}.") for year in (2022, 2023)]
    assert merge_duplicates(reports) == reports


def test_a_quote_goes_behind_what_it_quotes_but_never_takes_its_place() -> None:
    quoted = f"> {TEXT[:90]}\n> {TEXT[90:]}"
    mail = candidate("mail.eml", f"I do not agree, and here is why: nobody asked us first.\n{quoted}")
    rules = candidate("rules.txt", TEXT)
    assert keys(merge_duplicates([mail, rules])) == ["mail.eml"]
    assert keys(merge_duplicates([rules, mail])) == ["rules.txt", "mail.eml"]  # the mail says more
    short = candidate("short.txt", "thirty days of holiday a year")
    assert keys(merge_duplicates([rules, short])) == ["rules.txt", "short.txt"]


def test_passages_of_one_document_are_left_alone() -> None:
    twice = [candidate("a.txt", TEXT), candidate("a.txt", TEXT, start=5000)]
    assert merge_duplicates(twice) == twice
    assert merge_duplicates([]) == []


def test_names_of_versions() -> None:
    assert edition("hr/Policy_v2.1.docx").number == (2, 1)
    assert are_versions("hr/policy-v1.pdf", "archive/Policy v2.docx")
    assert are_versions("policy.pdf", "policy rev 3.pdf")
    assert are_versions("policy.pdf", "policy_FINAL.pdf")
    assert not are_versions("policy.pdf", "old/policy.pdf")  # the same name says nothing
    assert not are_versions("report-2022.pdf", "report-2023.pdf")
    assert not are_versions("minutes 2024-01-01.md", "minutes 2024-02-01.md")
    assert not are_versions("v1.pdf", "v2.pdf")  # of what?
    assert not are_versions("server1.md", "server2.md")


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_cut_where_any_other_is(text: str) -> None:
    """It goes a shorter way, which has to come to the same words."""
    assert _Print(text).words == _WORD.findall(text.casefold())
