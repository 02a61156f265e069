"""What an answer claims, where that stands, and whether it follows from there."""

import random
from dataclasses import replace

import pytest

from assistant.citations import ClaimReader, read_claims
from assistant.types import Block, Box, DocumentRef, Page, Passage, PlannedPicture, User
from tests.answer.memory import MemoryLibrary, cut, make_document
from tests.fakes.embedder import FakeEmbedder

STAFF = User("ann", frozenset({"everyone"}))
TEXT = """# Travel

Train tickets are booked in [Concur](https://concur.example) at least 21 days before the trip.
Employees may carry over 240 hours of annual leave. The manager does not approve trips under $500.

| Tool | Notice |
| --- | --- |
| Concur | 21 days |
| Tock | 3 days |

- Send the form SF-182 to Ms. Grey.
"""


def library(*documents):
    return MemoryLibrary(documents, FakeEmbedder())


def claims(answer, *documents, user=STAFF):
    sources = dict(enumerate(documents, 1))
    return read_claims(answer, sources, user, library(*documents))


@pytest.fixture
def travel():
    return make_document("travel.md", TEXT, title="Travel")


@pytest.mark.parametrize(
    ("said", "supported", "quote"),
    [
        (
            "Employees may carry over 240 hours of annual leave",
            True,
            "Employees may carry over 240 hours of annual leave.",
        ),
        (
            "Up to 240 hours of annual leave may be carried over.",
            True,
            "Employees may carry over 240 hours of annual leave.",
        ),
        (
            "Employees may carry over 250 hours of annual leave",
            False,
            "Employees may carry over 240 hours of annual leave.",
        ),
        ("Employees may not carry over 240 hours of annual leave", False, None),
        ("The manager approves trips under $500", False, "The manager does not approve trips under $500."),
        ("Train tickets are booked in Tock at least 21 days before the trip", False, None),
        ("Form SF-182 goes to Ms. Grey", True, "Send the form SF-182 to Ms. Grey."),
        ("Form SF-183 goes to Ms. Grey", False, None),
        ("Zugfahrkarten werden von den Mitarbeitern in Concur gebucht", None, None),
        ("The library of Alexandria burnt in 48 BC", False, None),
    ],
)
def test_a_statement_is_held_against_its_source(said, supported, quote, travel):
    (citation,) = claims(f"{said} [1].", travel).citations
    assert citation.supported is supported
    if quote is not None:
        assert citation.quote == quote
        assert citation.verified
        assert TEXT[citation.passage.start : citation.passage.end] == quote


def test_markup_of_the_source_does_not_hide_a_literal_quote(travel):
    (citation,) = claims(
        "Train tickets are booked in **Concur** at least 21 days before the trip. [1]", travel
    ).citations
    assert citation.quote == TEXT[10:104]
    assert (citation.verified, citation.supported) == (True, True)


def test_a_marker_without_a_source_is_taken_out_and_counted(travel):
    read = claims("Tock needs 3 days [2]. Concur needs 21 days [1, 7][9].", travel)
    assert read.text == "Tock needs 3 days. Concur needs 21 days [1]."
    assert read.dropped == 3
    assert [c.number for c in read.citations] == [1]
    assert [read.text[slice(*span)] for span in read.uncited] == ["Tock needs 3 days."]


def test_rows_of_a_table_are_claims(travel):
    read = claims("| Tool | Days |\n|---|---|\n| Concur | 21 days | [1]\n| Tock [1] | 4 days |\n", travel)
    assert [(c.quote, c.supported) for c in read.citations] == [("Concur | 21 days", True), ("Tock | 3 days", False)]


def test_an_amount_of_another_year_is_not_what_a_table_says():
    table = "| Sales | 2022 | 2023 |\n| --- | --- | --- |\n| iPhone | 40,665 | 39,669 |\n"
    document = make_document("sales.md", table, blocks=[Block("table", table[:-1], 0, len(table) - 1)])
    read = claims("iPhone sales of 2023 were 39,669 [1].\niPhone sales of 2023 were 40,665 [1].", document)
    assert [c.supported for c in read.citations] == [True, False]
    assert {c.quote for c in read.citations} == {"iPhone | 40,665 | 39,669"}


@pytest.mark.parametrize(
    ("said", "supported"),
    [
        ("Ann Grey reports to Tom Black in Berlin.", True),
        ("Tom Black reports to Ann Grey in Berlin.", False),
        ("Ann Grey reports in Berlin to Tom Black.", True),
        ("According to the handbook, Ann Grey reports to Tom Black.", True),
    ],
)
def test_who_does_what_to_whom(said, supported):
    document = make_document("a.md", "Since May, Ann Grey reports to Tom Black in Berlin.")
    assert claims(f"{said} [1]", document).citations[0].supported is supported


def test_page_and_box_are_those_of_the_quote():
    text = "First page.\n\nTickets are booked in Concur.\n"
    box = Box(2, 1, 2, 3, 4)
    blocks = [Block("text", text[13:42], 13, 42, 2, box)]
    document = make_document("a.pdf", text, pages=[Page(1, 0, 13), Page(2, 13, len(text))], blocks=blocks)
    (citation,) = claims("Tickets are booked in Concur [1].", document).citations
    assert (citation.passage.page, citation.passage.boxes) == (2, (box,))


def test_a_passage_is_read_in_its_document_as_it_is_now(travel):
    passages = cut(travel, size=120)
    held = library(travel)
    sources = dict(enumerate(passages, 1))
    right = read_claims("Employees may carry over 240 hours of annual leave [2].", sources, STAFF, held)
    assert right.citations[0].supported
    changed = replace(travel, text=TEXT.replace("240", "120"), ref=replace(travel.ref, version="2"))
    held.put(changed)
    (citation,) = read_claims("Employees may carry over 240 hours of annual leave [2].", sources, STAFF, held).citations
    assert citation.supported is False
    assert changed.text[citation.passage.start : citation.passage.end] == citation.quote


def test_the_neighbouring_passage_is_cited_and_the_document_says_it(travel):
    sources = dict(enumerate(cut(travel, size=120), 1))
    (citation,) = read_claims("Form SF-182 goes to Ms. Grey [1].", sources, STAFF, library(travel)).citations
    assert (citation.number, citation.quote, citation.supported) == (1, "Send the form SF-182 to Ms. Grey.", True)


def test_nothing_of_a_document_that_may_not_be_read_is_told():
    secret = make_document("pay.md", "Ann earns 90,000 dollars a year.", readers=("hr",))
    passage = Passage(secret.ref, 0, 33, secret.text)
    (citation,) = read_claims("Ann earns 90,000 dollars a year [1].", {1: passage}, STAFF, library(secret)).citations
    assert (citation.verified, citation.supported, citation.quote, citation.passage.text) == (False, None, "", "")


def test_two_sources_support_a_statement_together():
    one = make_document("a.md", "The trip to Lisbon costs 500 dollars.")
    other = make_document("b.md", "The flight takes 3 hours from Berlin.")
    both = claims("The trip to Lisbon costs 500 dollars and the flight from Berlin takes 3 hours [1][2].", one, other)
    assert [c.supported for c in both.citations] == [True, True]
    alone = claims("The trip to Lisbon costs 500 dollars and the flight from Berlin takes 3 hours [1].", one, other)
    assert alone.citations[0].supported is not True


def test_a_streamed_answer_gives_the_same_as_a_whole_one(travel):
    answer = (
        "Train tickets are booked in Concur [1]. Trips under $500 e.g. to Bonn are not approved [1][4]. See `x[1]`.\n\n"
        "As the rules [1] say:\n- Tock needs 3 days\n- SF-182 goes to Ms. Grey [1]\n\n```\na[1] = 2\n```\n"
        "| Tool | Days |\n|--|--|\n| Tock | 3 days [1] |\n\n[1](https://x.example) is a link, [ 1 ] is none [12"
    )
    whole = claims(answer, travel)
    assert whole.dropped == 1
    assert len(whole.citations) == 7
    for seed in range(30):
        chance = random.Random(seed)
        reader = ClaimReader({1: travel}, STAFF, library(travel))
        shown, cited, at = "", [], 0
        while at < len(answer):
            step = reader.feed(answer[at : (at := at + chance.randint(1, 12))])
            shown += step.text
            cited += step.citations
        step = reader.finish()
        assert shown + step.text == whole.text
        assert tuple(cited) + step.citations == whole.citations
        assert reader.claims == whole


def test_citations_of_a_stream_come_with_the_sentence_after_theirs(travel):
    reader = ClaimReader({1: travel}, STAFF, library(travel))
    assert reader.feed("Tock needs 3 days [1]").citations == ()
    assert [c.number for c in reader.feed(". Then it ").citations] == [1]


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("员工可以携带二十天的年假。", "公司规定：员工可以携带二十天的年假。其他假期另行规定。"),
        ("Die Reise wird mindestens 21 Tage vorher gebucht", "Die Reise wird mindestens 21 Tage vorher gebucht."),
        ("Поездка оплачивается за 21 день", "Поездка оплачивается за 21 день до начала."),
    ],
)
def test_other_languages(said, source):
    document = make_document("a.md", source)
    (citation,) = claims(f"{said}【1】", document).citations
    assert citation.supported
    assert citation.quote.strip("。.") in source


BAR = Box(1, 10.0, 20.0, 110.0, 220.0)


def pictured(document, start: int, end: int, kind="picture") -> PlannedPicture:
    return PlannedPicture(kind, Passage(document.ref, start, end, document.text[start:end], 1, (BAR,), pictures=(2,)))


def seen(answer: str, document, picture: PlannedPicture, user=STAFF):
    return read_claims(answer, {1: picture}, user, library(document)).citations[0]


def test_a_citation_to_a_picture_points_to_it_and_is_not_verified(travel) -> None:
    citation = seen("Oil fell by about 20 % in 2020 [1].", travel, pictured(travel, 0, 0, "page"))
    assert (citation.kind, citation.quote, citation.verified, citation.supported) == ("page", "", False, None)
    place = citation.passage
    assert (place.ref, place.page, place.boxes, place.pictures) == (travel.ref, 1, (BAR,), (2,))
    assert citation.statement == (0, 35)


def test_words_in_the_picture_that_say_the_same_are_quoted_and_it_stays_a_picture(travel) -> None:
    start = TEXT.index("Employees may")
    end = TEXT.index("The manager")
    citation = seen("Employees may carry over 240 hours of annual leave [1].", travel, pictured(travel, start, end))
    assert (citation.kind, citation.verified, citation.supported) == ("picture", True, True)
    assert citation.quote == "Employees may carry over 240 hours of annual leave."
    assert (citation.passage.boxes, citation.passage.pictures) == ((BAR,), (2,))
    other = seen("The manager does not approve trips under $500 [1].", travel, pictured(travel, start, end))
    assert (other.quote, other.supported) == ("", None)  # it stands elsewhere in the document, not in the picture


def test_a_picture_of_a_document_that_was_closed_or_changed_keeps_no_place(travel) -> None:
    closed = seen("It rose [1].", travel, pictured(travel, 3, 9), user=User("eve", frozenset({"nobody"})))
    assert (closed.passage.boxes, closed.passage.text, closed.passage.end) == ((), "", 3)
    changed = replace(travel, ref=replace(travel.ref, version="2"))
    moved = read_claims("It rose [1].", {1: pictured(travel, 3, 9)}, STAFF, library(changed)).citations[0]
    assert (moved.passage.pictures, moved.passage.boxes, moved.passage.ref.version) == ((), (), "2")


def test_what_is_attached_is_cited_without_a_document(travel) -> None:
    ref = DocumentRef("", "1", "v", "shot.png", "", "image/png")
    picture = PlannedPicture("attachment", Passage(ref, 0, 0, "Error E-17", pictures=(1,)))
    citation = seen("The picture shows error E-17 [1].", travel, picture)
    assert (citation.kind, citation.verified, citation.supported) == ("attachment", False, None)
    assert (citation.passage.ref, citation.passage.text) == (ref, "")
