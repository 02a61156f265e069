from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pdf.text import (
    arabic_order,
    join_hyphens,
    page_lines,
    page_paragraphs,
    placed_text,
    shredded,
    unreadable,
)
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ParserContract
from tests.fakes.pdf import encrypted_pdf, make_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
PAGES = [
    ["1 Overview", "The first page speaks of travel costs and of who pays them, at some length,", "and ends here."],
    [],
    ["The third page has (brackets) in it.", "2 Details", "Each claim is paid within 30 days."],
]


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


class TestPdfParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return PdfParser()

    @pytest.fixture
    def media_type(self):
        return "application/pdf"

    @pytest.fixture
    def good(self):
        return make_pdf(PAGES, title="Travel policy", outline=[("1 Overview", 0), ("2 Details", 2)])

    @pytest.fixture
    def words(self):
        return ["1 Overview", "travel costs", "(brackets)", "2 Details", "within 30 days"]


def test_pages_are_spans_of_the_text():
    document = parse(make_pdf(PAGES))
    assert [page.number for page in document.pages] == [1, 2, 3]
    texts = [document.text[page.start : page.end] for page in document.pages]
    assert texts[0].startswith("1 Overview")
    assert texts[0].endswith("and ends here.")
    assert texts[1] == ""
    assert texts[2].startswith("The third page has (brackets)")
    assert document.page_at(document.text.index("travel")) == 1
    assert document.page_at(document.text.index("The third")) == 3
    assert {block.page for block in document.blocks} == {1, 3}


def test_bookmarks_make_headings_and_the_file_names_itself():
    document = parse(make_pdf(PAGES, title="Travel policy", outline=[("1  overview", 0), ("2 Details", 2)]))
    assert [(block.text, block.level, block.page) for block in document.blocks if block.level] == [
        ("1 Overview", 1, 1),
        ("2 Details", 1, 3),
    ]
    assert document.ref.title == "Travel policy"


@pytest.mark.parametrize("title", ["", "Untitled document", "Microsoft Word - x.doc", "0001045810-22", "scan.pdf"])
def test_a_title_that_says_nothing_is_not_taken(title: str):
    assert parse(make_pdf([["text"]], title=title)).ref.title == "a.pdf"


def test_scan_without_text_layer_is_an_error_that_says_so():
    with pytest.raises(EmptyDocumentError, match=r"a\.pdf: the PDF has 2 pages but no text layer"):
        parse(make_pdf([[], []]))


def test_password():
    with pytest.raises(EncryptedDocumentError, match=r"a\.pdf: the PDF asks for a password"):
        parse(encrypted_pdf())


@pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF"])
def test_damaged(data: bytes):
    with pytest.raises(DamagedDocumentError, match=r"a\.pdf"):
        parse(data)


def test_words_broken_at_line_ends_are_joined():
    lines = page_lines("exam\ufffeple and well\ufffeknown, 13a\ufffe15, for\x02ward things\r\nwell and known")
    assert join_hyphens([lines]) == [["example and well-known, 13a-15, forward things", "well and known"]]


def test_paragraphs_end_at_short_sentences_bullets_and_blank_lines():
    lines = [
        "This is a rather long line that goes on to the margin of the",
        "page and ends.",
        "Next paragraph is another rather long line up to the margin.",
        "• bullet",
        "",
        "Last",
    ]
    assert list(page_paragraphs(lines, frozenset())) == [(0, 2), (2, 3), (3, 4), (5, 6)]


class PlacedCharacters:
    """A text page whose characters stand where the test says: (character, left, bottom), each 5 wide and 10 high."""

    def __init__(self, *characters: tuple[str, float, float]) -> None:
        self._characters = characters

    def count_chars(self) -> int:
        return len(self._characters)

    def get_text_range(self, index: int, count: int) -> str:
        return self._characters[index][0]

    def get_charbox(self, index: int, loose: bool = False) -> tuple[float, float, float, float]:
        _, left, bottom = self._characters[index]
        return left, bottom, left + 5, bottom + 10


def test_words_are_put_together_from_where_their_letters_stand():
    layer = PlacedCharacters(
        ("I", 0, 50), ("\n", 5, 50), ("t", 4, 50), ("i", 12, 50), ("s", 17, 50), (" ", 22, 50), ("a", 30, 51),
        ("b", 0, 30),
    )  # fmt: skip
    assert placed_text(layer, (1, 0, 0, -1, 0, 100)) == "It is a\nb"


def test_letters_of_a_turned_page_are_put_together_as_it_is_shown():
    layer = PlacedCharacters(("I", 0, 90), ("t", 0, 84), ("i", 0, 70), ("s", 0, 64))
    # A quarter turn: what stands above is shown on the left.
    assert placed_text(layer, (0, -1, -1, 0, 100, 0)) == "It is"


def test_arabic_ligatures_and_latin_words_between_them():
    alef, lam, noon = "\u0627\u0644\u0646"
    layer = PlacedCharacters((noon, 30, 0), (alef, 20, 0), (lam, 20, 0), (alef, 15, 0), (lam, 10, 0))
    assert arabic_order(noon + alef + lam + alef + lam, layer) == noon + lam + alef + alef + lam
    assert arabic_order(f"Python{alef}{lam}", PlacedCharacters()) == f"Python {alef}{lam}"


def test_shreds_and_meaningless_characters_are_recognised():
    assert shredded("\r\n".join("abcdefgh"[i % 8] + "xy" for i in range(40)))
    assert not shredded("\r\n".join(["a whole line of text"] * 40))
    assert unreadable("\ue001\ue002\ue003 ab")
    assert not unreadable("normal text")
