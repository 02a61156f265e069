"""Terms by language: stems without accents, pairs of signs, and what is to be found as it is written."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.adapters.terms import _PART, LANGUAGES, document_terms, exact_terms, plain_words, query_terms


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "The policies were approved", "approving a policy"),
        ("de", "Die Häuser der Städte", "Haus Stadt"),
        ("fr", "Les congés payés sont demandés", "demander congé payé"),
        ("es", "Las vacaciones fueron aprobadas", "aprobada vacación"),
        ("ru", "Отпуска утверждены", "отпуск утверждена"),
        ("ar", "الموظفون والإجازات", "الموظفين"),
        ("zh", "员工的年假申请流程", "年假申请"),
        ("ja", "有給休暇の申請", "有給休暇"),
        ("th", "การลาพักร้อนของพนักงาน", "ลาพักร้อน"),
        ("ko", "연차 휴가 신청", "휴가"),
    ],
)
def test_a_query_finds_other_forms_of_its_words(language, text, query):
    found = set(document_terms(text, language)) & set(query_terms(query, [language, "fi"]))
    assert found
    if language not in {"en", "de"}:
        assert not found & set(query_terms("entirely unrelated words", [language]))


def test_stop_words_are_those_of_the_documents_language():
    assert document_terms("die Frist", "de") == document_terms("Frist", "de")
    assert "die" in document_terms("die Frist", "en")
    assert "die" in query_terms("die", ["de"])  # it may be meant in English


def test_every_language_has_its_stemmer_and_stop_words():
    for language in LANGUAGES:
        assert document_terms("x9y", language) == ["x9y"]
        assert document_terms("qwrt", language) != []
    assert document_terms("running", "xx") == document_terms("running", "") == ["run"]
    assert document_terms("bøker", "nb") == document_terms("bøker", "no")


def test_accents_and_ways_of_writing_do_not_part_words():
    assert document_terms("Café Ｆｕｌｌ re\u0301sume\u0301", "en") == document_terms("cafe full résumé", "en")
    assert document_terms("كِتَاب", "ar") == document_terms("كتاب", "ar")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fill in form SF-182.", {"=sf-182", "sf182"}),
        ("open `/etc/hosts`, then", {"=etc/hosts"}),
        ("ERR_42:", {"=err_42", "err42"}),
        ("(v1.2.3)", {"=v1.2.3", "v123"}),
        ("see https://example.com/a/leave.md", {"=example.com/a/leave.md", "=leave.md"}),
        (r"C:\Temp\run.bat", {r"=c:\temp\run.bat", "=run.bat"}),
        ("1,000.50 EUR, 2,000", {"=1,000.50", "100050", "=2,000", "2000"}),
        ("mail bob@example.com", {"=bob@example.com"}),
        ("plain words only, and Markdown **bold** | table", set()),
        ("年假-申请", set()),
        ("a" * 60 + "-" + "b" * 60, set()),
    ],
)
def test_what_is_to_be_found_as_it_is_written(text, expected):
    assert set(exact_terms(text)) == expected


def test_long_stretches_of_data_are_no_codes_and_cost_little() -> None:
    data = "x" * 60_000  # looking for a scheme in it took half a minute
    started = time.process_time()
    assert exact_terms(f"{data} a{'-b' * 30_000} SF-182") == exact_terms("SF-182")
    assert time.process_time() - started < 1


@given(
    st.text(st.one_of(st.characters(max_codepoint=127), st.sampled_from("\u2013\u2014\u2018\u2019\u201c\u201d\u2022")))
)
def test_plain_text_is_cut_where_any_other_is(text: str) -> None:
    """It goes a shorter way, which has to come to the same words."""
    assert plain_words(text) == _PART.findall(text.lower())
