"""Pictures of PDF pages: which are kept, as what, where they stand, and how much of them."""

from __future__ import annotations

import io
import random

import pypdfium2 as pdfium
import pytest
from PIL import Image

from assistant.parsing.check import check_document
from assistant.parsing.pdf import pictures as pdf_pictures
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import placed_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
TEXTS = [
    (60.0, 700.0, "The text of the page begins here and is long enough to be one."),
    (60.0, 300.0, "Figure 1: what it shows"),
    (60.0, 200.0, "The text goes on below the figure."),
]
Shown = tuple[Image.Image | bytes, float, float, float, float]  # left, bottom, width, height


def noise(width: int = 120, height: int = 90, seed: int = 1) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(3 * width * height))


def jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG")
    return target.getvalue()


def with_pictures(*pages: list[Shown], rotation: int = 0) -> bytes:
    """Return a PDF whose pages have `TEXTS` and these pictures."""
    pdf = pdfium.PdfDocument(placed_pdf(*[TEXTS] * len(pages)))
    for number, shown in enumerate(pages):
        page = pdf[number]
        for image, left, bottom, width, height in shown:
            item = pdfium.PdfImage.new(pdf)
            if isinstance(image, bytes):
                item.load_jpeg(io.BytesIO(image), inline=True)
            else:
                item.set_bitmap(pdfium.PdfBitmap.from_pil(image))
            item.set_matrix(pdfium.PdfMatrix().scale(width, height).translate(left, bottom))
            page.insert_obj(item)
        page.gen_content()
        page.set_rotation(rotation)
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


def test_a_jpeg_is_kept_as_it_is_where_it_stands():
    data = jpeg(noise())
    document = parse(with_pictures([(data, 100, 350, 240, 180)]))
    (picture,) = document.pictures
    assert (picture.data, picture.media_type, picture.page) == (data, "image/jpeg", 1)
    box = picture.box
    assert box is not None
    assert (box.page, box.left, box.top, box.right, box.bottom) == pytest.approx((1, 100, 262, 340, 442), abs=0.1)
    assert "here and is long" in document.text[: picture.start]
    assert document.text[picture.start :].strip().startswith("Figure 1")


def test_other_pictures_are_drawn_as_they_are_shown():
    image = Image.new("RGB", (100, 50), "red")
    image.paste((0, 0, 255), (0, 0, 50, 50))
    (picture,) = parse(with_pictures([(image, 100, 400, 200, 100)])).pictures
    assert picture.media_type == "image/png"
    with Image.open(io.BytesIO(picture.data)) as drawn:
        assert drawn.width == pytest.approx(2 * drawn.height, abs=2)
        assert drawn.convert("RGB").getpixel((20, 20)) == (0, 0, 255)
        assert drawn.convert("RGB").getpixel((drawn.width - 20, 20)) == (255, 0, 0)


def test_a_turned_page_shows_them_turned():
    (picture,) = parse(with_pictures([(jpeg(noise()), 100, 350, 240, 180)], rotation=90)).pictures
    with Image.open(io.BytesIO(picture.data)) as drawn:
        assert drawn.height > drawn.width
    assert picture.box is not None
    assert picture.box.right - picture.box.left == pytest.approx(180, abs=0.1)


def test_strips_of_one_picture_are_put_together():
    strips: list[Shown] = [(noise(120, 10, seed), 100, 400 + 10 * seed, 120, 10) for seed in range(9)]
    (picture,) = parse(with_pictures(strips)).pictures
    assert picture.box is not None
    assert picture.box.bottom - picture.box.top == pytest.approx(90, abs=0.1)


def test_ornaments_backgrounds_and_plain_areas_are_left_out():
    shown: list[Shown] = [
        (noise(seed=2), 100, 500, 20, 20),
        (noise(seed=3), 0, 0, 612, 792),
        (Image.new("RGB", (90, 90), "gray"), 300, 400, 90, 90),
    ]
    assert parse(with_pictures(shown)).pictures == ()


def test_what_many_pages_show_is_a_logo():
    logo, figure = jpeg(noise(seed=4)), jpeg(noise(seed=5))
    document = parse(
        with_pictures(*[[(logo, 400, 740, 60, 40)]] * 3, [(logo, 400, 740, 60, 40), (figure, 60, 400, 90, 90)])
    )
    assert [(picture.page, picture.data) for picture in document.pictures] == [(4, figure)]
    twice = parse(with_pictures(*[[(logo, 400, 740, 60, 40)]] * 2))
    assert [picture.page for picture in twice.pictures] == [1]


@pytest.mark.parametrize(("limit", "value"), [("MAX_PICTURES", 2), ("MAX_BYTES", 5 * len(jpeg(noise())) // 2)])
def test_what_is_beyond_the_limits_is_said(monkeypatch: pytest.MonkeyPatch, limit: str, value: int):
    monkeypatch.setattr(pdf_pictures, limit, value)
    pages: list[list[Shown]] = [[(jpeg(noise(seed=seed)), 60, 400, 200, 150)] for seed in range(4)]
    document = parse(with_pictures(*pages))
    assert len(document.pictures) == 2
    assert document.text.splitlines()[-1].startswith("[2 further pictures are not kept: a document keeps no more than")
    assert document.pages[-1].end == len(document.text)


def test_no_picture_no_search(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_pictures, "images", None)
    assert parse(placed_pdf(TEXTS)).pictures == ()


def test_a_picture_that_cannot_be_decoded_is_said():
    broken = jpeg(noise(300, 200))
    with_rubbish = with_pictures([(broken, 100, 350, 240, 180)]).replace(broken, b"\xff\xd8" + bytes(len(broken) - 2))
    document = parse(with_rubbish)
    assert document.pictures == ()
    assert document.text.splitlines()[-1] == "[Pictures that cannot be shown: 1 damaged, page 1]"
    assert document.blocks[-1].kind == "notice"
