"""Pictures as pixels: decoding, what is transparent, many bits, the camera's turn, limits of size."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from assistant.adapters import pixels
from assistant.adapters.pixels import decoded, on_white, reencoded
from assistant.errors import DamagedDocumentError


def encoded(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "RGBa", "CMYK", "YCbCr", "I", "F"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = Image.new("L", (8, 4), 255)
    image.paste(0, (0, 0, 4, 4))
    steps = {"RGBa": ("RGBA",), "P": ("RGB",), "YCbCr": ("RGB",), "CMYK": ("RGB",)}
    for step in (*steps.get(mode, ()), mode):
        image = image.convert(step)
    plain = on_white(image)
    assert plain.mode == "RGB"
    assert [plain.getpixel((x, 2)) for x in (1, 6)] == [(0, 0, 0), (255, 255, 255)]


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (4, 4), (9, 9, 9, 0))
    clear.putpixel((1, 1), (255, 0, 0, 255))
    palette = clear.convert("RGB").quantize(4)
    hole = palette.getpixel((0, 0))
    grey = Image.new("L", (4, 4), 7)
    for data in (encoded(clear), encoded(palette, transparency=hole), encoded(grey, transparency=7)):
        assert decoded(data, 100).getpixel((0, 0)) == (255, 255, 255)
        assert on_white(Image.open(BytesIO(data))).getpixel((0, 0)) == (255, 255, 255)
    assert decoded(encoded(clear), 100).getpixel((1, 1)) == (255, 0, 0)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize(("low", "high"), [(0, 65535), (0, 4095), (30_000, 31_000)])
def test_sixteen_bits_are_stretched_over_what_they_use(kind: str, low: int, high: int) -> None:
    ramp = np.tile(np.linspace(low, high, 64, dtype=np.uint16), (4, 1))
    data = encoded(Image.fromarray(ramp), kind)
    for plain in (decoded(data, 100), on_white(Image.open(BytesIO(data)))):
        seen = np.asarray(plain)[0, :, 0].astype(int)
        assert (seen[0], seen[-1]) == (0, 255)
        assert np.abs(seen - np.linspace(0, 255, 64)).max() <= 2


@pytest.mark.parametrize(("shade", "seen"), [(0, 0), (65535, 255), (32768, 127)])
def test_one_shade_of_sixteen_bits_stays(shade: int, seen: int) -> None:
    image = Image.fromarray(np.full((4, 4), shade, dtype=np.uint16))
    assert on_white(image).getpixel((0, 0)) == (seen, seen, seen)
    assert decoded(encoded(image, transparency=shade), 9).mode == "RGB"


def test_a_picture_is_upright_and_no_longer_than_asked() -> None:
    image = Image.new("RGB", (200, 100), "blue")
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: to be shown rotated by 90 degrees
    for kind in ("JPEG", "PNG", "TIFF", "WEBP"):
        assert decoded(encoded(image, kind, exif=exif), 100).size == (50, 100)
        assert decoded(encoded(image, kind), 100).size == (100, 50)
        assert decoded(encoded(image, kind), 1000).size == (200, 100)


def test_what_is_too_large_or_no_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for data in (
        b"",
        b"GIF89a nothing",
        encoded(Image.new("RGB", (90, 90)))[:60],
        encoded(Image.new("L", (9, 9)), "EPS"),
    ):
        with pytest.raises(DamagedDocumentError, match="cannot be decoded"):
            decoded(data, 100)
    monkeypatch.setattr(pixels, "MAX_PIXELS", 7_000)
    large = Image.new("RGB", (100, 80))
    with pytest.raises(DamagedDocumentError, match="over 7,000 pixels"):
        decoded(encoded(large), 50)
    assert decoded(encoded(large, "JPEG"), 20).size == (20, 16)  # is never decoded in full


def test_a_new_file_has_the_pixels_and_nothing_else() -> None:
    noted = PngInfo()
    noted.add_text("Comment", "secret")
    data, kind = reencoded(encoded(Image.new("RGB", (40, 20), "red"), pnginfo=noted), 20)
    assert (kind, b"secret" in data) == ("image/png", False)
    image = Image.open(BytesIO(data))
    assert (image.size, image.getpixel((5, 5))) == ((20, 10), (255, 0, 0))


def test_photographs_and_what_is_long_become_a_jpeg() -> None:
    assert reencoded(encoded(Image.new("RGB", (40, 20)), "JPEG"), 100)[1] == "image/jpeg"
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 900, 3), dtype=np.uint8))
    data, kind = reencoded(encoded(noise), 2000)
    assert kind == "image/jpeg"
    assert len(data) < len(encoded(noise))
    with pytest.raises(DamagedDocumentError, match="cannot be decoded"):
        reencoded(b"nonsense", 100)
