"""More is shown around hits: exact, within the section, joined where it meets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.access.outlines import Outline, Outlines
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.retrieval.candidates import Candidate
from assistant.retrieval.growing import grow
from assistant.types import Document, DocumentInfo, DocumentRef, Passage

REF = DocumentRef("s", "a.md", "1", "a", "", "text/markdown")
PARTS = [f"Paragraph {n} says that thing number {n} is so and not otherwise at all." for n in range(20)]
TEXT = "# One\n\nA short section.\n\nWith two paragraphs.\n\n# Two\n\n" + "\n\n".join(PARTS) + "\n\n# Three\n\nThe end."


@pytest.fixture
def document() -> Document:
    return MarkdownParser().parse(REF, TEXT.encode())


def hit(document: Document, text: str, score: float = 1.0) -> Candidate:
    start = document.text.index(text)
    ref = document.ref
    return Candidate(Passage(ref, start, start + len(text), text, score=score), DocumentInfo(ref, 0, 1, 1, 1))


def grown(document: Document, *hits: Candidate, context: int = 200, limit: int = 5) -> list[Passage]:
    found = [c.passage for c in grow(hits, {REF.id: Outline.of(document)}, context, limit)]
    assert all(document.text[p.start : p.end] == p.text == p.text.strip() for p in found)
    return found


def test_a_short_section_is_shown_whole(document: Document) -> None:
    (passage,) = grown(document, hit(document, "A short section."))
    assert passage.text == "# One\n\nA short section.\n\nWith two paragraphs."
    (spot,) = passage.spots
    assert document.text[slice(*spot)] == "A short section."


def test_of_a_long_section_whole_paragraphs_around_the_hit_are_shown(document: Document) -> None:
    (passage,) = grown(document, hit(document, PARTS[10]))
    assert passage.text == "\n\n".join(PARTS[8:13])
    (first,) = grown(document, hit(document, PARTS[0]))
    assert first.text.startswith("# Two")
    (last,) = grown(document, hit(document, PARTS[19]))
    assert last.text.endswith(PARTS[19])  # the next section is another matter


def test_where_a_paragraph_has_no_end_whole_sentences_are_shown() -> None:
    text = " ".join(PARTS)
    document = MarkdownParser().parse(REF, text.encode())
    (passage,) = grown(document, hit(document, PARTS[10]), context=180)
    assert passage.text == " ".join(PARTS[8:13])


def test_what_meets_becomes_one_and_leaves_a_place(document: Document) -> None:
    hits = [hit(document, PARTS[5], 3), hit(document, PARTS[7], 2), hit(document, "The end.", 1)]
    found = grown(document, *hits, context=100, limit=2)
    assert [p.score for p in found] == [3, 1]
    assert [document.text[slice(*spot)] for spot in found[0].spots] == [PARTS[5], PARTS[7]]
    assert PARTS[6] in found[0].text
    assert found[1].text == "# Three\n\nThe end."


def test_a_document_that_may_not_be_read_now_is_left_as_it_was_found(document: Document) -> None:
    (passage,) = [c.passage for c in grow([hit(document, PARTS[5])], {}, 300, 5)]
    assert passage.text == PARTS[5]


def test_pages_and_headers_of_tables_follow(document: Document) -> None:
    outline = replace(Outline.of(document), pages=((0, 1), (document.text.index(PARTS[9]), 2)))
    assert [outline.page_at(at) for at in (0, 5, len(TEXT) - 1)] == [1, 1, 2]
    assert Outline.of(document).page_at(5) is None
    one = hit(document, PARTS[10])
    held = replace(one, passage=replace(one.passage, page=2, table_header="| a |"))
    (found,) = grow([held], {REF.id: outline}, 200, 5)
    assert (found.passage.page, found.passage.table_header) == (1, "")


def test_outlines_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(ref: DocumentRef) -> Document:
        loaded.append(ref.key)
        return Document(ref, "x" * 600)

    monkeypatch.setattr("assistant.access.outlines._CHARACTERS", 1300)
    outlines = Outlines(load)
    refs = {key: replace(REF, key=key) for key in "abc"}
    for key in "ababcb":
        outlines.get(refs[key])
    assert loaded == ["a", "b", "c"]
    outlines.get(refs["a"])
    assert loaded == ["a", "b", "c", "a"]
    outlines.get(replace(refs["a"], version="2"))
    assert loaded[-2:] == ["a", "a"]
