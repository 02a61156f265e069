"""How pictures become pixels: which files are decoded, up to which size, and what is white or grey in them."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError

if TYPE_CHECKING:
    from PIL.Image import Image

# Pillow's formats that pictures in documents have, with their media types; some of its others start other programs.
TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
MAX_PIXELS = 120_000_000  # of a picture that is decoded, wherever that is done
_DEEPEST = 65535.0  # white in 16 bits
_JPEG = b"\xff\xd8"
_MOST_PNG = 1_500_000  # bytes; of what is longer a JPEG shows as much
_QUALITY = 90


def decoded(picture: bytes, side: int) -> Image:
    """Return a picture's first frame as people see it: upright, on white, in RGB, at most `side` pixels long.

    Args:
        picture: an image file of one of `TYPES`.
        side: the longest; a JPEG that is much longer is never decoded in full.

    Raises:
        DamagedDocumentError: it cannot be decoded, or has more than `MAX_PIXELS` pixels.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warnings of odd metadata and of sizes that are checked here
            with Image.open(BytesIO(picture), formats=list(TYPES)) as opened:
                opened.draft("RGB", (side, side))
                if opened.width * opened.height > MAX_PIXELS:
                    cause = f"the picture has over {MAX_PIXELS:,} pixels"
                    raise DamagedDocumentError(cause, "make it smaller")  # noqa: TRY301
                image = _plain(opened)
                image.thumbnail((side, side), reducing_gap=2.0)  # before anything copies what may be huge
                return on_white(ImageOps.exif_transpose(image))
    except (MemoryError, DamagedDocumentError):
        raise
    except Exception as error:  # Pillow raises nearly anything over broken metadata
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise DamagedDocumentError(f"the picture cannot be decoded: {cause}", "save it again") from error


def reencoded(picture: bytes, side: int) -> tuple[bytes, str]:
    """Return a picture as a new file without anything but its pixels, at most `side` pixels long, and its media type.

    Photographs and what is long as a PNG become a JPEG, all else a PNG.

    Raises:
        DamagedDocumentError: as `decoded`.
    """
    image = decoded(picture, side)
    if not picture.startswith(_JPEG):
        png = _saved(image, "PNG")
        if len(png) <= _MOST_PNG:
            return png, "image/png"
    return _saved(image, "JPEG"), "image/jpeg"


def _saved(image: Image, form: str) -> bytes:
    target = BytesIO()
    image.save(target, form, quality=_QUALITY)
    return target.getvalue()


def on_white(image: Image) -> Image:
    """Return a picture of any mode in RGB, what is transparent in it on white.

    More than 8 bits a pixel are stretched from the darkest and the brightest that there are: scanners and instruments
    use a part of their range, and people look at all of it.
    """
    from PIL import Image as Pillow

    plain = _plain(image)
    if plain.mode != "RGBA":
        return plain.convert("RGB")
    white = Pillow.new("RGB", plain.size, "white")
    white.paste(plain, mask=plain.getchannel("A"))
    return white


def _plain(image: Image) -> Image:
    """Return a picture in grey, RGB or RGBA of 8 bits; it is the same object where it is so already."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        return _stretched(image)
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode in {"1", "L"} else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _stretched(image: Image) -> Image:
    grey = image.convert("F")
    low, high = (float(value) for value in grey.getextrema())  # type: ignore[arg-type]
    if low == high:  # of one shade, which stays
        low, high = 0.0, max(high, _DEEPEST)
    scale = 255 / (high - low)
    eight = grey.point(lambda value: value * scale - low * scale).convert("L")
    eight.info.pop("transparency", None)  # a shade of the 16 bits, which 8 do not have
    return eight
