"""Pictures: frames, orientation, limits and damage, with a recogniser that is made up; and one real reading."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.images import ImageParser
from assistant.parsing.ocr import Line, Reading
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ContainerParserContract


def _reading(text: str, confidence: float = 0.99) -> Reading:
    rows = [(Line(part, 10, 20 * at, 90, 20 * at + 15, confidence),) for at, part in enumerate(text.split("|"))]
    return Reading((tuple(rows),), 0, confidence)


def _read(image: Image.Image) -> Reading:
    image.load()
    return _reading(f"Picture of|{image.width} by {image.height}")


def _picture(kind: str = "PNG", size: tuple[int, int] = (120, 80), **options: object) -> bytes:
    stream = BytesIO()
    noise = Image.frombytes("RGB", size, random.Random(3).randbytes(size[0] * size[1] * 3))
    noise.save(stream, kind, **options)
    return stream.getvalue()


class TestImageParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return ImageParser(_read)

    @pytest.fixture
    def media_type(self):
        return "image/png"

    @pytest.fixture
    def good(self):
        return _picture()

    @pytest.fixture
    def words(self):
        return ["Picture of", "120 by 80"]

    def test_accepts_its_type_only(self, parser: ImageParser, ref: DocumentRef):
        assert parser.accepts(ref)
        assert parser.accepts(replace(ref, media_type="image/tiff"))
        assert not parser.accepts(replace(ref, media_type="image/svg+xml"))
        assert not parser.accepts(replace(ref, media_type="application/pdf"))

    @pytest.mark.parametrize(
        ("kind", "media_type"),
        [
            ("JPEG", "image/jpeg"),
            ("WEBP", "image/webp"),
            ("BMP", "image/bmp"),
            ("GIF", "image/gif"),
            ("TIFF", "image/tiff"),
        ],
    )
    def test_every_format(self, parser: ImageParser, ref: DocumentRef, kind: str, media_type: str):
        document = parser.parse(replace(ref, media_type=media_type), _picture(kind))
        assert document.text == "Picture of\n120 by 80"
        assert [(page.number, page.start, page.end) for page in document.pages] == [(1, 0, 20)]
        assert [document.text[place.start : place.end] for place in document.places] == ["Picture of", "120 by 80"]
        box = document.blocks[0].box
        assert box is not None
        assert (box.left, box.top, box.right, box.bottom) == (10, 0, 90, 35)

    def test_exif_orientation(self, parser: ImageParser, ref: DocumentRef):
        exif = Image.Exif()
        exif[0x0112] = 6
        data = _picture("JPEG", exif=exif)
        assert "80 by 120" in parser.parse(replace(ref, media_type="image/jpeg"), data).text

    def test_all_frames_of_a_tiff(self, ref: DocumentRef):
        frames = [Image.new("RGB", (50, 40 + at)) for at in range(4)]
        stream = BytesIO()
        frames[0].save(stream, "TIFF", save_all=True, append_images=frames[1:])
        known = {40: _reading("one"), 41: Reading(), 42: _reading("scrawl", 0.4), 43: _reading("four")}
        parser = ImageParser(lambda image: known[image.height])
        document = parser.parse(replace(ref, media_type="image/tiff"), stream.getvalue())
        texts = [document.text[page.start : page.end] for page in document.pages]
        assert texts == ["one", "", "[Page 3: its text could not be read reliably]", "four"]
        assert [(place.box.page, document.text[place.start : place.end]) for place in document.places] == [
            (1, "one"),
            (4, "four"),
        ]

    @pytest.mark.parametrize(
        ("reading", "cause"), [(Reading(), "no text was"), (_reading("scrawl", 0.4), "could not be read reliably")]
    )
    def test_nothing_is_made_up(self, ref: DocumentRef, good: bytes, reading: Reading, cause: str):
        with pytest.raises(EmptyDocumentError, match=cause):
            ImageParser(lambda _: reading).parse(ref, good)

    def test_too_large_before_it_is_decoded(self, ref: DocumentRef):
        def never(image: Image.Image) -> Reading:
            raise AssertionError

        stream = BytesIO()
        Image.new("1", (16_000, 8_000)).save(stream, "PNG")
        with pytest.raises(DocumentTooLargeError, match="megapixels"):
            ImageParser(never).parse(ref, stream.getvalue())

    def test_truncated(self, parser: ImageParser, ref: DocumentRef, good: bytes):
        with pytest.raises(DamagedDocumentError, match=r"name\.ext"):
            parser.parse(ref, good[:2000])


@pytest.fixture
def page() -> Callable[[], bytes]:
    def draw() -> bytes:
        image = Image.new("RGB", (700, 220), "white")
        pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=32)
        pen.text((20, 20), "Travel expenses 2024", "black", font)
        pen.text((20, 80), "Approved by the finance team", "black", font)
        stream = BytesIO()
        image.save(stream, "PNG")
        return stream.getvalue()

    return draw


def test_a_real_reading(page: Callable[[], bytes]):
    ref = DocumentRef("files", "a.png", "1", "a.png", "", "image/png")
    document = ImageParser().parse(ref, page())
    assert "Travel expenses 2024" in document.text
    assert "Approved by the finance team" in document.text
    assert 10 < document.places[0].box.left < 35
