"""Text layers that a broken font map spoils: what is doubted, and what becomes of such pages."""

from __future__ import annotations

import pytest
from PIL import Image

from assistant.parsing.check import check_document
from assistant.parsing.pdf import scan as pdf_scan
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pdf.plausible import Doubt, agrees, doubt
from assistant.parsing.pictures.reading import Line, Reading
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import make_pdf, mapped_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
RULES = [
    "Rules for the refund of travel expenses",
    "Every employee hands in a report of the trip",
    "within thirty days after the return home",
    "The accounting team checks all the receipts",
]
CODES = [
    "QX7781-BZZK VQ WXKZ JJQ",
    "PQZX 88213-XK QTY ZK VVX",
    "KZX 7F-3321 WQJ XZK QQ",
    "VXZ BKZQ KKJ XQW PZ 11 ZZQ KX QWV",
]
TEXT = " ".join(RULES)


def shifted(character: str, by: int = 3) -> str:
    if not character.isalpha():
        return character
    first = ord("a" if character.islower() else "A")
    return chr((ord(character) - first + by) % 26 + first)


def glyph_index(character: str) -> str:
    return chr(ord(character) - 29)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Reading]:
    """What recognition sees on each page; the last again and again. Each look is added behind."""
    found = [Reading()]

    def read_image(image: Image.Image) -> Reading:
        found.append(found[0])
        return found[0]

    monkeypatch.setattr("assistant.parsing.pictures.ocr.read_image", read_image)
    return found


def reading(lines: list[str], confidence: float = 0.99) -> Reading:
    rows = tuple((Line(line, 10, 10 + 40 * at, 400, 40 + 40 * at, confidence),) for at, line in enumerate(lines))
    return Reading((rows,), 0, confidence)


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


@pytest.mark.parametrize("by", range(1, 26))
def test_every_moved_alphabet_is_doubted(by: int):
    assert doubt("".join(shifted(character, by) for character in TEXT)) > Doubt.NONE


def test_other_garbage_is_doubted_more():
    assert doubt("".join(map(shifted, TEXT))) == Doubt.GREAT
    assert doubt("".join(glyph_index(character) for character in TEXT if character != " ")) == Doubt.GREAT
    russian = "Правила возмещения расходов. Каждый сотрудник подаёт отчёт о поездке в течение тридцати дней"
    assert doubt(russian.encode("cp1251").decode("latin-1")) == Doubt.GREAT
    signs = {character: chr(1 + at) for at, character in enumerate(sorted(set(TEXT)))}
    assert doubt("".join(map(signs.__getitem__, TEXT))) == Doubt.GREAT


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Regeln für die Erstattung von Reisekosten: Alle Beschäftigten reichen binnen dreißig Tagen einen Bericht ein",
        "Az útiköltségek megtérítésének szabályai. Minden munkatárs jelentést ad az útról a visszatérés után",
        "Quy định hoàn trả chi phí đi lại. Mỗi nhân viên nộp báo cáo chuyến đi trong vòng ba mươi ngày",
        "Правила возмещения расходов. Каждый сотрудник подаёт отчёт о поездке в течение тридцати дней",
        "出差费用报销规定 每位员工须在返回后三十天内提交出差报告 " * 3,
        "1,204 3.1% -12 88.0 1,310 8.8% +14 91.5 (1,298) -0.9% $3 90.2 1,377 6.1% +22 94.7 5,189 100% 21 364.4",
        "Uxohv iru wkh",
        "",
    ],
)
def test_languages_numbers_and_short_texts_are_not(text: str):
    assert doubt(text) == Doubt.NONE


def test_codes_are_doubted_but_not_much():
    assert doubt(" ".join(CODES)) == Doubt.SOME


def test_agreement():
    assert agrees(TEXT, TEXT.upper())
    assert agrees(TEXT, " ".join(RULES[:2]))
    assert not agrees("".join(map(shifted, TEXT)), TEXT)
    assert not agrees(TEXT, "")


@pytest.mark.parametrize(
    "meant", [shifted, glyph_index, lambda c: chr(0xF000 + ord(c)), lambda _: "\ufffd", lambda _: "\1"]
)
def test_a_page_with_a_wrong_map_is_recognised(meant):
    """With real text recognition: the words are what the page shows, each with its place."""
    document = parse(mapped_pdf([RULES], meant))
    assert document.text.split("\n") == RULES
    assert [document.text[place.start : place.end] for place in document.places] == RULES
    assert len(document.pictures) == 1


def test_a_good_map_is_believed_without_a_look(looked: list[Reading]):
    assert parse(mapped_pdf([RULES], lambda character: character)).text.split("\n") == RULES
    assert len(looked) == 1


def test_what_is_not_recognised_is_marked(looked: list[Reading]):
    looked[0] = reading(["scrawl"], 0.5)
    document = parse(mapped_pdf([RULES], shifted))
    assert document.text == "[Page 1 is kept as an image: its text could not be read reliably]"
    assert not document.own_text.strip()
    assert len(document.pictures) == 1


def test_what_is_recognised_as_badly_is_marked(looked: list[Reading]):
    looked[0] = reading(["".join(shifted(character, 5) for character in line) for line in RULES])
    assert parse(mapped_pdf([RULES], shifted)).text.startswith("[Page 1 is kept as an image: its text could not")


def test_a_list_of_codes_stays_where_it_is_seen_or_nothing_is(looked: list[Reading]):
    looked[0] = reading(CODES)
    assert parse(make_pdf([CODES])).text.split("\n") == CODES
    looked[0] = reading(["scrawl"], 0.5)
    assert parse(make_pdf([CODES])).text.split("\n") == CODES


def test_after_three_doubtful_pages_that_were_right_the_others_are_believed(looked: list[Reading]):
    looked[0] = reading(CODES)
    document = parse(make_pdf([CODES] * 6))
    assert document.text.count(CODES[0]) == 6
    assert len(looked) == 1 + 3


@pytest.mark.parametrize("first", [True, False])
def test_without_time_to_look_what_is_known_of_the_pages_before_decides(
    looked: list[Reading], monkeypatch: pytest.MonkeyPatch, first: bool
):
    monkeypatch.setattr(pdf_scan, "_MAX_PAGES", 1 if first else 0)
    looked[0] = reading(RULES)
    document = parse(mapped_pdf([RULES, RULES], shifted))
    wrong = "".join(map(shifted, RULES[0]))
    if first:
        assert document.text.count(RULES[0]) == 1
        assert "[Page 2 is kept as an image: it was not read]" in document.text
        assert wrong not in document.text
    else:
        assert document.text.count(wrong) == 2  # it may be a list of codes
