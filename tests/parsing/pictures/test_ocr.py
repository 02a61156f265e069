"""OCR: real readings of drawn pages in every rotation, and the order of lines."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
from assistant.parsing.pictures import ocr, tesseract
from assistant.parsing.pictures.ocr import Recognizer, with_places, write_reading
from assistant.parsing.pictures.reading import RELIABLE, Reading
from assistant.parsing.placed import place_boxes
from assistant.types import DocumentRef

WORDS = ["Travel expenses 2024", "Approved by the finance team", "Refund within thirty days", "Keep every receipt"]


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer()


@pytest.fixture
def cyrillic():
    """A font that has Cyrillic letters."""
    try:
        return ImageFont.truetype("DejaVuSans.ttf", 30)
    except OSError:
        pytest.skip("no DejaVu fonts")


def _page(words: list[str], font: ImageFont.FreeTypeFont | ImageFont.ImageFont | None = None) -> Image.Image:
    image = Image.new("RGB", (640, 60 + 50 * len(words)), "white")
    pen, font = ImageDraw.Draw(image), font or ImageFont.load_default(size=30)
    for number, line in enumerate(words):
        pen.text((30, 30 + 50 * number), line, "black", font)
    return image


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_every_rotation(recognizer: Recognizer, rotation: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: None)
    image = _page(WORDS).rotate(rotation, expand=True)  # counter-clockwise: the turn that rights it is `rotation`
    reading = recognizer.read(image)
    assert reading.rotation == rotation
    assert reading.reliable
    assert [line.text for line in reading.lines] == WORDS
    upright = [ocr._mapped_back(line, (360 - rotation) % 360, *_page(WORDS).size) for line in reading.lines]
    for number, line in enumerate(upright):
        assert abs(line.left - 30) < 15
        assert abs((line.top + line.bottom) / 2 - (50 + 50 * number)) < 15


def test_places_are_exact(recognizer: Recognizer):
    reading = recognizer.read(_page(WORDS))
    builder = TextBuilder()
    builder.add("heading", "Scan", level=1)
    places = write_reading(builder, reading, 1, 0.5)
    document = with_places(builder.build(DocumentRef("s", "k", "1", "t", "", "image/png")), places)
    check_document(document)
    assert [document.text[place.start : place.end] for place in document.places] == WORDS
    assert document.blocks[0].box is None
    box = document.blocks[1].box
    assert box is not None
    assert 5 < box.left < 25


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode(recognizer: Recognizer, mode: str):
    page = _page(WORDS[:1])
    image = page.convert("L").convert(mode) if mode in {"I", "F"} else page.convert(mode) if mode != "I;16" else None
    if image is None:
        image = page.convert("L").convert("I").point(lambda value: value * 256).convert("I;16")
    assert WORDS[0] in recognizer.read(image).text


def test_transparent_counts_as_white(recognizer: Recognizer):
    image = Image.new("RGBA", (400, 80), (0, 0, 0, 0))
    ImageDraw.Draw(image).text((20, 20), "Clear as glass", (0, 0, 0, 255), ImageFont.load_default(size=30))
    assert recognizer.read(image).text == "Clear as glass"


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (300, 200), (2000, 20)])
def test_nothing_to_read(recognizer: Recognizer, size: tuple[int, int]):
    assert recognizer.read(Image.new("RGB", size, "white")) == Reading()


def test_noise_is_no_text(recognizer: Recognizer):
    noise = Image.frombytes("L", (300, 200), random.Random(5).randbytes(60_000))
    assert not recognizer.read(noise).reliable


def test_a_long_screenshot_is_read_in_pieces(recognizer: Recognizer):
    image = Image.new("RGB", (320, 2600), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=24)
    marks = range(20, 2600, 180)
    for top in marks:
        pen.text((20, top), f"Line number {top}", "black", font)
    assert [line.text for line in recognizer.read(image).lines] == [f"Line number {top}" for top in marks]


RUSSIAN = ["Правила возмещения расходов", "Каждый сотрудник подаёт отчёт", "в течение тридцати дней", "Номер 500"]


def test_a_script_that_is_not_known_is_not_read(
    recognizer: Recognizer, cyrillic: ImageFont.FreeTypeFont, monkeypatch: pytest.MonkeyPatch
):
    """The recogniser has no Cyrillic letter: it leaves them all out and is sure of the digits."""
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: None)
    reading = recognizer.read(_page(RUSSIAN, cyrillic))
    assert reading.seen
    assert not reading.reliable
    assert reading.unread > 0.8


def test_a_part_in_such_a_script_is_told(
    recognizer: Recognizer, cyrillic: ImageFont.FreeTypeFont, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: None)
    reading = recognizer.read(_page([*WORDS, RUSSIAN[0]], cyrillic))
    assert reading.reliable
    assert reading.incomplete
    assert [line.text for line in reading.lines][: len(WORDS)] == WORDS
    assert not recognizer.read(_page(WORDS, cyrillic)).incomplete


def test_such_lines_are_read_by_tesseract_where_it_can(
    recognizer: Recognizer, cyrillic: ImageFont.FreeTypeFont, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tesseract, "orientation", lambda _: 0)
    asked: list[int] = []

    def read_lines(image: Image.Image, boxes: list[tuple[float, float, float, float]]) -> list[tuple[str, float]]:
        asked.append(len(boxes))
        return [(text, 0.5 if text == unsure else 0.9) for text in RUSSIAN]

    monkeypatch.setattr(tesseract, "read_lines", read_lines)
    unsure = ""
    reading = recognizer.read(_page([*RUSSIAN[:3], "Номер отчёта о поездке"], cyrillic))
    assert asked == [4]
    assert reading.text.split("\n") == RUSSIAN
    assert reading.reliable
    assert reading.unread == 0
    unsure = RUSSIAN[1]
    reading = recognizer.read(_page([*RUSSIAN[:3], "Номер отчёта о поездке"], cyrillic))
    assert RUSSIAN[1] not in reading.text
    assert reading.unread > 0.2


@pytest.mark.parametrize("rotation", [90, 180])
def test_the_begin_of_a_turned_line_is_marked_where_it_is(recognizer: Recognizer, rotation: int):
    image = _page(WORDS).rotate(rotation, expand=True)
    builder = TextBuilder()
    (first, *_) = write_reading(builder, recognizer.read(image), 1)
    document = replace(builder.build(DocumentRef("s", "k", "1", "t", "", "image/png")), places=(first,))
    (box,) = place_boxes(document, 1, first.start, first.start + len("Travel"))
    marked = image.crop((int(box.left), int(box.top), int(box.right) + 1, int(box.bottom) + 1))
    assert recognizer.read(marked.rotate(-rotation, expand=True)).text.startswith("Trave")


def test_how_many_words_are_doubtful(recognizer: Recognizer):
    assert ocr._doubtful_words("two a-b 中文", [0.9, 0.7, 0.9, 1.0, 0.8, 0.1, 0.9, 1.0, 0.5, 0.9]) == (5, 2)
    assert ocr._doubtful_words("", [0.0]) == (0, 0)
    assert recognizer.read(_page(WORDS)).doubtful < 0.1


def test_wrong_words_are_doubtful_however_plain_the_rest_is(recognizer: Recognizer):
    page, font, chance = Image.new("RGB", (640, 260), "white"), ImageFont.load_default(size=30), random.Random(7)
    pen = ImageDraw.Draw(page)
    for number, line in enumerate(WORDS):
        x = 30.0
        for letter in line:  # as a hand would write them: touching each other, and up and down
            pen.text((x, 30 + 50 * number + chance.uniform(-8, 8)), letter, "black", font)
            x += 0.8 * pen.textlength(letter, font)
    reading = recognizer.read(page)
    assert reading.confidence > RELIABLE
    assert reading.doubtful > 0.3
    assert not reading.reliable
