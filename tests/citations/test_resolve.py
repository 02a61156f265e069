"""Citations hold what the user may read now."""

from dataclasses import replace

import pytest

from assistant.citations import Draft, resolve, verify
from assistant.types import Block, Box, Page, Passage, User
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder

TEXT = "First page.\n\nTickets are booked in Concur.\n"
STAFF = User("ann", frozenset({"everyone"}))


@pytest.fixture
def document():
    box = Box(2, 1, 2, 3, 4)
    return make_document(
        "travel.md",
        TEXT,
        pages=[Page(1, 0, 13), Page(2, 13, len(TEXT))],
        blocks=[Block("text", TEXT[13:42], 13, 42, 2, box)],
    )


@pytest.fixture
def library(document):
    return MemoryLibrary([document], FakeEmbedder())


def draft_of(document, quote, start=None):
    at = document.text.find(quote) if start is None else start
    return Draft(1, Passage(document.ref, at, at + len(quote), quote), quote)


def test_a_quote_that_stands_there_is_verified_with_page_and_box(document, library):
    (citation,) = resolve([draft_of(document, "Tickets are booked in Concur.")], STAFF, library)
    assert citation.verified
    assert citation.passage.page == 2
    assert citation.passage.boxes == (Box(2, 1, 2, 3, 4),)
    assert TEXT[citation.passage.start : citation.passage.end] == citation.quote == "Tickets are booked in Concur."
    assert citation.supported is None


def test_a_quote_said_to_stand_elsewhere_is_moved_to_its_place(document, library):
    (citation,) = resolve([draft_of(document, "Tickets  are booked", start=2)], STAFF, library)
    assert citation.verified
    assert (citation.passage.start, citation.quote) == (13, "Tickets are booked")


def test_an_invented_quote_is_not_verified(document, library):
    (citation,) = resolve([draft_of(document, "Tickets are booked in Tock.", start=13)], STAFF, library)
    assert not citation.verified
    assert citation.quote == "Tickets are booked in Tock."


def test_the_current_text_counts_not_the_one_that_was_searched(document, library):
    draft = draft_of(document, "Tickets are booked in Concur.")
    library.put(replace(document, text=TEXT.replace("Concur", "Tock"), ref=replace(document.ref, version="2")))
    (citation,) = resolve([draft], STAFF, library)
    assert not citation.verified


def test_no_right_to_read_no_verified_citation(document, library):
    draft = draft_of(document, "Tickets are booked in Concur.")
    (citation,) = resolve([draft], User("eve", frozenset({"guests"})), library)
    assert not citation.verified


def test_numbers_and_order_stay(document, library):
    drafts = [replace(draft_of(document, "First page."), number=7), draft_of(document, "Concur")]
    assert [c.number for c in resolve(drafts, STAFF, library)] == [7, 1]
    assert library.reads == 1


@pytest.mark.parametrize(("start", "end", "said"), [(13, 42, True), (13, 41, False), (-29, 42, False), (0, 0, False)])
def test_verify_is_exact(document, start, end, said):
    assert verify("Tickets are booked in Concur.", document, start, end) is said


def noticed(text, notice):
    at = text.index(notice)
    return make_document("scan.pdf", text, blocks=[Block("notice", notice, at, at + len(notice))])


@pytest.mark.parametrize(
    "quote", ["no text was found", "Before.\n\n[Picture: no text", "in it]\n\nAfter", "No  text was found"]
)
def test_words_of_a_notice_are_no_evidence(quote):
    document = noticed("Before.\n\n[Picture: no text was found in it]\n\nAfter.", "[Picture: no text was found in it]")
    library = MemoryLibrary([document], FakeEmbedder())
    (citation,) = resolve([draft_of(document, quote)], STAFF, library)
    assert not citation.verified
    assert not verify(quote, document, document.text.find(quote), document.text.find(quote) + len(quote))


def test_words_that_a_document_shares_with_a_notice_are_found_in_the_document():
    document = noticed("[no text was found]\n\nHe said that no text was found.", "[no text was found]")
    library = MemoryLibrary([document], FakeEmbedder())
    (citation,) = resolve([draft_of(document, "no text was found", start=1)], STAFF, library)
    assert citation.verified
    assert citation.passage.start == document.text.rindex("no text was found")


def test_what_stands_on_both_sides_of_a_notice_is_no_quote():
    document = noticed("One two\n[three]\nfour five.", "[three]")
    (citation,) = resolve([draft_of(document, "two four", start=4)], STAFF, MemoryLibrary([document], FakeEmbedder()))
    assert not citation.verified
    assert citation.quote == "two four"


def test_a_blank_quote_is_never_verified(document):
    assert not verify("\n\n", document, 11, 13)
