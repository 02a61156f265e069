"""Tells which pictures of a document are worth keeping: of a format that can be shown, and no ornament."""

from __future__ import annotations

import warnings
from io import BytesIO

_TYPES = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "TIFF": "image/tiff",
}
_MIN_SIDE = 48  # pixels; bullets, icons and rules are smaller
_MAX_PIXELS = 120_000_000


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
    return _TYPES[kind] if min(width, height) >= _MIN_SIDE and width * height <= _MAX_PIXELS else ""
