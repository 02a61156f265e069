from __future__ import annotations

import io

import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, NotFoundError
from assistant.parsing.pdf.render import render
from assistant.parsing.pictures.image_render import picture_size, render_image
from assistant.types import Box
from tests.fakes.pdf import make_pdf

DATA = make_pdf([["one"], ["two"]])


def opened(data: bytes) -> Image.Image:
    assert data.startswith(b"\x89PNG")
    return Image.open(io.BytesIO(data)).convert("RGB")


def encoded(*frames: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    target = io.BytesIO()
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:]}
    frames[0].save(target, kind, **options)
    return target.getvalue()


def test_marks_only_this_page():
    image = opened(render(DATA, 1, [Box(1, 306, 396, 400, 450), Box(2, 0, 0, 100, 40)], 612))
    assert image.size == (612, 792)
    red, green, blue = image.getpixel((350, 420))
    assert red == 255
    assert green > 240
    assert blue < 200
    assert image.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.parametrize("page", [0, 3, -1])
def test_no_such_page(page: int):
    with pytest.raises(NotFoundError, match=r"no page .*pages 1 to 2"):
        render(DATA, page, [])
    with pytest.raises(NotFoundError, match="no page"):
        render_image(encoded(Image.new("RGB", (4, 4))), page, [])


def test_rubbish():
    with pytest.raises(DamagedDocumentError, match=r"x\.pdf"):
        render(b"rubbish", 1, [], key="x.pdf")
    with pytest.raises(DamagedDocumentError, match=r"x\.png"):
        render_image(b"rubbish", 1, [], key="x.png")


def test_pixels_are_bounded():
    for across, down in ((1, 100_000), (100_000, 1), (600, 800)):
        width, height = picture_size(across, down, 1 << 30)
        assert width * height <= 17_000_000


def test_frames_and_orientation():
    frames = encoded(Image.new("RGB", (40, 20), "red"), Image.new("RGB", (40, 20), "blue"), kind="TIFF")
    assert opened(render_image(frames, 2, [], 80)).getpixel((1, 1)) == (0, 0, 255)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(Image.new("RGB", (40, 20)), kind="JPEG", exif=exif)
    image = opened(render_image(turned, 1, [Box(1, 10, 30, 20, 40)], 40))
    assert image.size == (40, 80)
    assert image.getpixel((30, 70))[0] > 80
    assert image.getpixel((10, 10))[0] < 20
