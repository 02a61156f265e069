"""Pictures: frames, orientation, limits and damage, with a recogniser that is made up; and one real reading."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.check import check_document
from assistant.parsing.pictures import images
from assistant.parsing.pictures.images import ImageParser
from assistant.parsing.pictures.reading import Line, Reading
from assistant.types import DocumentRef, Metadata
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
        check_document(document)
        texts = [document.text[page.start : page.end] for page in document.pages]
        notice = "[Page 3: its text could not be read reliably, look at the picture]"
        assert texts == ["one", "", notice, "four"]
        assert [block.text for block in document.blocks if block.kind == "notice"] == [notice]
        assert [(place.box.page, document.text[place.start : place.end]) for place in document.places] == [
            (1, "one"),
            (4, "four"),
        ]
        shown = [document.text[picture.start : picture.end] for picture in document.pictures]
        assert shown == texts
        assert [picture.page for picture in document.pictures] == [1, 2, 3, 4]
        assert {picture.media_type for picture in document.pictures} == {"image/png"}
        assert [Image.open(BytesIO(picture.data)).height for picture in document.pictures] == [40, 41, 42, 43]

    @pytest.mark.parametrize(
        ("reading", "cause"),
        [
            (Reading(), "no text was found in it"),
            (_reading("scrawl", 0.4), "its text could not be read reliably, look at the picture"),
            (Reading(unread=1.0), "its text could not be read reliably, look at the picture"),
            (replace(_reading("5"), unread=0.9), "its text could not be read reliably, look at the picture"),
        ],
    )
    def test_nothing_is_made_up(self, ref: DocumentRef, good: bytes, reading: Reading, cause: str):
        named = replace(ref, key="trips/holiday-party_2024 (1).png")
        document = ImageParser(lambda _: reading).parse(named, good)
        check_document(document)
        assert document.text == f"holiday party 2024 (1)\n[Picture: {cause}]"
        assert [block.kind for block in document.blocks] == ["image", "notice"]
        assert document.own_text.strip() == "holiday party 2024 (1)"
        (picture,) = document.pictures
        assert (picture.start, picture.end, picture.page) == (0, len(document.text), 1)
        assert (picture.media_type, picture.data) == ("image/png", good)
        assert document.ref.title == ref.title

    def test_a_part_that_was_not_read_is_said(self, ref: DocumentRef, good: bytes):
        document = ImageParser(lambda _: replace(_reading("Rules"), unread=0.3)).parse(ref, good)
        check_document(document)
        notice = "[Picture: a part of its text could not be read reliably, look at the picture]"
        assert document.text == f"Rules\n\n{notice}"
        assert document.own_text.strip() == "Rules"

    def test_a_text_has_its_picture(self, parser: ImageParser, ref: DocumentRef, good: bytes):
        (picture,) = parser.parse(ref, good).pictures
        assert (picture.start, picture.end, picture.page, picture.data) == (0, 20, 1, good)

    def test_frames_without_any_text(self, ref: DocumentRef):
        stream = BytesIO()
        Image.new("L", (50, 50)).save(stream, "TIFF", save_all=True, append_images=[Image.new("L", (50, 50))] * 51)
        document = ImageParser(lambda _: Reading()).parse(replace(ref, media_type="image/tiff"), stream.getvalue())
        check_document(document)
        assert document.text == "name\n[Picture: no text was found in it]"
        assert len(document.pages) == 52
        assert len(document.pictures) == 50

    def test_reading_ends_in_time(self, ref: DocumentRef, good: bytes, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(images, "_FOR_READING", -1.0)
        document = ImageParser(_read).parse(ref, good)
        assert "it was not read" in document.text
        assert document.pictures

    def test_too_large_before_it_is_decoded(self, ref: DocumentRef):
        def never(image: Image.Image) -> Reading:
            raise AssertionError

        stream = BytesIO()
        Image.new("1", (16_000, 8_000)).save(stream, "PNG")
        with pytest.raises(DocumentTooLargeError, match="megapixels"):
            ImageParser(never).parse(ref, stream.getvalue())

    def test_a_very_large_picture_is_read_smaller(self, ref: DocumentRef, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(images, "_MAX_READ_PIXELS", 120 * 80 // 5)
        document = ImageParser(_read).parse(ref, _picture())
        assert document.text == "Picture of\n40 by 27"
        box = document.blocks[0].box
        assert box is not None
        assert (box.left, box.right, box.bottom) == (30, 270, 105)

    def test_truncated(self, parser: ImageParser, ref: DocumentRef, good: bytes):
        with pytest.raises(DamagedDocumentError, match=r"name\.ext"):
            parser.parse(ref, good[:2000])


def _shown(data: bytes, media_type: str) -> tuple[str, Image.Image, bytes]:
    ref = DocumentRef("files", "a", "1", "a", "", media_type)
    document = ImageParser(lambda _: Reading()).parse(ref, data)
    check_document(document)
    (picture,) = document.pictures
    assert len(picture.data) <= 4_000_000
    return picture.media_type, Image.open(BytesIO(picture.data)), picture.data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_what_a_browser_shows_is_kept_as_it_is(kind: str):
    data, media_type = _picture(kind), f"image/{kind.lower()}"
    found, _, kept = _shown(data, media_type)
    assert (found, kept) == (media_type, data)


def test_the_smallest_picture_is_kept_too():
    data = _picture(size=(9, 9))
    assert _shown(data, "image/png")[2] == data


def test_what_a_browser_does_not_show_is_drawn_anew():
    assert _shown(_picture("BMP"), "image/bmp")[0] == "image/jpeg"
    stream = BytesIO()
    Image.new("RGB", (90, 60), "red").save(stream, "BMP")
    kind, image, _ = _shown(stream.getvalue(), "image/bmp")
    assert (kind, image.size, image.getpixel((5, 5))) == ("image/png", (90, 60), (255, 0, 0))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_pixel(mode: str):
    stream = BytesIO()
    Image.new(mode, (90, 60)).save(stream, "TIFF")
    assert _shown(stream.getvalue(), "image/tiff")[1].size == (90, 60)


def test_large_pictures_are_made_smaller_and_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    kind, image, _ = _shown(_picture("JPEG", (3000, 1000), exif=exif), "image/jpeg")
    assert (kind, image.size) == ("image/jpeg", (667, 2000))
    kind, image, _ = _shown(_picture("PNG", (1990, 1990)), "image/png")  # 12 MB
    assert kind == "image/jpeg"
    assert max(image.size) >= 1000


def _xmp(creator: str) -> bytes:
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmp:CreateDate="2023-01-02T03:04:05+01:00"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Our office</rdf:li>
    <rdf:li xml:lang="de">Büro</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq>
    </dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def _about(data: bytes, media_type: str) -> tuple[list[str], Metadata]:
    ref = DocumentRef("files", "a.b", "1", "a.b", "", media_type)
    document = ImageParser(lambda _: Reading()).parse(ref, data)
    check_document(document)
    lines = document.text.split("\n")
    assert (lines[0], lines[-1]) == ("a", "[Picture: no text was found in it]")
    return lines[1:-1], document.metadata


def test_what_exif_says():
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x0132] = "Fête at the lake".encode(), "Ada; Alan", "2024:07:02 08:00:00"
    exif.get_ifd(0x8769).update({0x9003: "2024:07:01 18:30:00", 0x9011: "+02:00"})
    words, metadata = _about(_picture("JPEG", exif=exif), "image/jpeg")
    assert words == ["Fête at the lake"]
    assert metadata == Metadata(("Ada", "Alan"), "2024-07-01T16:30:00Z", "2024-07-02T08:00:00Z")
    exif = Image.Exif()
    exif[0x010E], exif[0x9C9B] = "OLYMPUS DIGITAL CAMERA", "Die Tür\0".encode("utf-16-le")
    exif.get_ifd(0x8769)[0x9003] = "0000:00:00 00:00:00"
    assert _about(_picture("JPEG", exif=exif), "image/jpeg") == (["Die Tür"], Metadata())


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_what_xmp_says(kind: str, media_type: str):
    options = {"xmp": _xmp("Ada")}
    if kind == "PNG":
        texts = PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", _xmp("Ada").decode())
        options = {"pnginfo": texts}
    words, metadata = _about(_picture(kind, **options), media_type)
    assert words == ["Our office"]
    assert metadata == Metadata(("Ada",), "2023-01-02T02:04:05Z")


def test_what_the_texts_of_a_png_say():
    texts = PngInfo()
    for name, value in (("Title", "Floor plan"), ("Description", "Of the\nfirst floor"), ("Author", "Ada")):
        texts.add_text(name, value)
    texts.add_text("Creation Time", "Mon, 01 Jul 2024 18:30:00 +0200")
    words, metadata = _about(_picture(pnginfo=texts), "image/png")
    assert words == ["Floor plan", "Of the first floor"]
    assert metadata == Metadata(("Ada",), "2024-07-01T16:30:00Z")


def test_broken_notes_cost_the_notes_alone():
    dice = random.Random(5)
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = "A lake", "Ada"
    exif.get_ifd(0x8769)[0x9003] = "2024:07:01 18:30:00"
    good = _picture("JPEG", exif=exif, xmp=_xmp("Ada"))
    end = good.index(b"</x:xmpmeta>")
    ref, parser = DocumentRef("files", "a", "1", "a", "", "image/jpeg"), ImageParser(lambda _: Reading())
    for _ in range(300):
        damaged = bytearray(good)
        for _ in range(dice.randint(1, 20)):
            damaged[dice.randrange(30, end)] = dice.randrange(256)
        try:
            check_document(parser.parse(ref, bytes(damaged)))
        except DamagedDocumentError:
            continue  # the damage hit the picture itself


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
