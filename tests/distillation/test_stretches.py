"""Where in a document questions are asked about, and the parts that documents belong to."""

from __future__ import annotations

from assistant.distillation import Options
from assistant.distillation.stretches import stretches
from tests.answer.memory import make_document

OPTIONS = Options(("demo",), questions=4, unanswerable=0.25)
LONG = "\n\n".join(f"Paragraph {n} tells of pump {n * 37 % 101}, which opens at {n} bar. " * 12 for n in range(40))


def test_a_short_document_is_one_stretch_with_all_questions() -> None:
    (found,) = stretches(make_document("a.md", "Employees have 28 days of leave in a year. " * 4), OPTIONS)
    assert (found.start, found.answerable + found.unanswerable) == (0, 4)


def test_a_long_document_is_asked_about_in_several_places_that_end_at_paragraphs() -> None:
    document = make_document("a.md", LONG)
    found = stretches(document, OPTIONS)
    assert len(found) == 4
    assert sum(each.answerable + each.unanswerable for each in found) == 4
    for each in found:
        assert each.end - each.start <= 6000
        assert document.text[each.end - 2 : each.end] == "\n\n" or each.end == len(document.text)
    assert found == stretches(document, OPTIONS)
    seeds = {
        tuple(each.start for each in stretches(document, Options(("demo",), questions=4, seed=n))) for n in range(5)
    }
    assert len(seeds) > 1


def test_a_text_without_paragraphs_or_blanks_comes_to_an_end() -> None:
    assert [s.end for s in stretches(make_document("a.md", "x" * 13_000), Options(("demo",), questions=9))] == [
        6000,
        12_000,
        13_000,
    ]
    assert stretches(make_document("a.md", "Too short."), OPTIONS) == []


def test_the_share_of_questions_without_an_answer() -> None:
    found = [
        s for n in range(200) for s in stretches(make_document(f"{n}.md", "A sentence of the house. " * 9), OPTIONS)
    ]
    assert 0.2 < sum(s.unanswerable for s in found) / (4 * 200) < 0.3
    none = Options(("demo",), unanswerable=0)
    assert stretches(make_document("a.md", "A sentence of the house. " * 9), none)[0].unanswerable == 0


def test_a_document_stays_in_its_part() -> None:
    ids = [f"document {n}" for n in range(2000)]
    parts = {each: Options(("demo",), validation=0.1).part_of(each) for each in ids}
    assert 0.07 < sum(part == "validation" for part in parts.values()) / 2000 < 0.13
    more = Options(("demo", "other"), validation=0.1, count=5, questions=9)
    assert {each: more.part_of(each) for each in ids} == parts
    assert {Options(("demo",), shape="questions", validation=0.5).part_of(each) for each in ids} == {"train"}
