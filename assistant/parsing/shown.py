"""Tells which pictures are worth keeping, and makes any picture one that a browser shows."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 120_000_000  # of a picture that is decoded, wherever that is done
MAX_SIDE = 2000  # pixels
MAX_BYTES = 4_000_000
_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
_MIN_SIDE = 48  # pixels; bullets, icons and rules are smaller
_FEW_COLOURS = 256  # what has no more may be smaller as PNG, which keeps its edges
_TRIES = ((MAX_SIDE, 85), (MAX_SIDE, 70), (1500, 65), (1000, 60))  # the last is below 4 MB whatever it shows


def shown_type(data: bytes) -> str:
    """Return the media type of a picture that can be shown, empty for an ornament and for what is none.

    Args:
        data: an image file; its header alone is looked at.
    """
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=list(_TYPES)) as image:
                width, height, kind = image.width, image.height, image.format or ""
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError):
        return ""
    return _TYPES[kind] if min(width, height) >= _MIN_SIDE and width * height <= MAX_PIXELS else ""


def on_white(image: Image) -> Image:
    """Return a picture of any mode in RGB, what is transparent in it on white; 16 bits a pixel are stretched to 8."""
    from PIL import Image as Pillow

    if image.mode in {"I", "F"} or image.mode.startswith("I;"):
        grey = image.convert("F")
        low, high = (float(value) for value in grey.getextrema())  # type: ignore[arg-type]
        scale = 255 / ((high - low) or 1.0)
        image = grey.point(lambda value: value * scale - low * scale).convert("L")
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Pillow.new("RGB", layer.size, "white")
        white.paste(layer, mask=layer.getchannel("A"))
        return white
    return image.convert("RGB")


def drawn_anew(image: Image) -> tuple[str, bytes]:
    """Return the media type and the bytes of a picture of at most 2000 pixels a side and 4 MB: PNG or JPEG.

    Args:
        image: of any mode, upright.
    """
    plain = on_white(image)
    drawing = plain.getcolors(_FEW_COLOURS) is not None
    for side, quality in _TRIES:
        small = _fitted(plain, side)
        files = [("image/jpeg", _saved(small, "JPEG", quality=quality))]
        if drawing:
            files.append(("image/png", _saved(small, "PNG", optimize=True)))
        fitting = [file for file in files if file[1]]
        if fitting:
            return min(fitting, key=lambda file: len(file[1]))
    return "image/jpeg", _saved(_fitted(plain, _TRIES[-1][0] // 2), "JPEG", quality=60)


def _fitted(image: Image, side: int) -> Image:
    from PIL.Image import Resampling

    scale = side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _saved(image: Image, kind: str, **options: object) -> bytes:
    """Return the picture's file, empty if it is too large."""
    target = BytesIO()
    image.save(target, kind, **options)
    data = target.getvalue()
    return data if len(data) <= MAX_BYTES else b""
