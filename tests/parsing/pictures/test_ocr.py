"""OCR: real readings of drawn pages in every rotation, and the order of lines."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
from assistant.parsing.pictures import ocr, tesseract
from assistant.parsing.pictures.layout import in_paragraphs
from assistant.parsing.pictures.ocr import Recognizer, with_places, write_reading
from assistant.parsing.pictures.reading import Line, Reading
from assistant.types import DocumentRef

WORDS = ["Travel expenses 2024", "Approved by the finance team", "Refund within thirty days", "Keep every receipt"]


@pytest.fixture(scope="module")
def recognizer():
    return Recognizer()


def _page(words: list[str]) -> Image.Image:
    image = Image.new("RGB", (640, 60 + 50 * len(words)), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=30)
    for number, line in enumerate(words):
        pen.text((30, 30 + 50 * number), line, "black", font)
    return image


def _line(text: str, left: float, top: float, width: float = 100, height: float = 20) -> Line:
    return Line(text, left, top, left + width, top + height, 0.99)


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


def test_rows_go_from_left_to_right():
    lines = [_line("9.90", 500, 104), _line("Total", 20, 100), _line("Cash", 20, 140), _line("10.00", 500, 137)]
    rows = in_paragraphs(lines, 640)
    assert [[line.text for line in row] for part in rows for row in part] == [["Total", "9.90"], ["Cash", "10.00"]]


def test_columns_are_read_one_after_the_other():
    left = [_line(f"left {number}", 20, 100 + 30 * number, 270) for number in range(6)]
    right = [_line(f"right {number}", 350, 100 + 30 * number, 270) for number in range(6)]
    heading = _line("Heading", 20, 40, 600)
    texts = [line.text for part in in_paragraphs([*right, *left, heading], 640) for row in part for line in row]
    assert texts == ["Heading", *(line.text for line in left), *(line.text for line in right)]


def test_a_gap_parts_paragraphs():
    lines = [_line(str(number), 20, top) for number, top in enumerate((0, 25, 50, 120, 145, 170))]
    assert [len(part) for part in in_paragraphs(lines, 640)] == [3, 3]


def test_tesseract_that_fails_is_no_hint(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: "/bin/false")
    assert tesseract.orientation(_page(WORDS)) == 0
    monkeypatch.setattr(tesseract.shutil, "which", lambda _: "/no/such/program")
    assert tesseract.orientation(_page(WORDS)) == 0
