"""Draws a frame of an image as a picture, with places on it marked."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assistant.adapters.pixels import MAX_PIXELS
from assistant.errors import DamagedDocumentError, DocumentTooLargeError, NotFoundError
from assistant.types import Box

if TYPE_CHECKING:
    from PIL.Image import Image

_MAX_PIXELS = 16_000_000
_MAX_WIDTH = 4000
_YELLOW = (255, 235, 0, 96)


def render_image(data: bytes, page: int, highlights: Sequence[Box], width: int = 1000, key: str = "image") -> bytes:
    """Return a PNG of a frame, turned upright as its EXIF says; a box's point is one pixel of the upright frame.

    Args:
        data: the image.
        page: the frame's number, from 1.
        highlights: what to mark; boxes on other frames are left out.
        width: of the picture, in pixels; less where the picture would grow too large.
        key: the document's key, for the errors.

    Raises:
        NotFoundError: there is no such frame.
        DocumentTooLargeError: the image has more than 120 million pixels.
        DamagedDocumentError: it is no image or the frame cannot be read.
    """
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as opened:
            warnings.simplefilter("ignore")  # Pillow's warnings of odd metadata and of sizes that are checked here
            frames = int(getattr(opened, "n_frames", 1))
            if not 1 <= page <= frames:
                raise NotFoundError(f"{key}: there is no page {page}", f"the image has pages 1 to {frames}")
            opened.seek(page - 1)
            if opened.width * opened.height > MAX_PIXELS:
                raise DocumentTooLargeError(f"{key}: the image has more than {MAX_PIXELS:,} pixels")
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except Image.DecompressionBombError as error:
        raise DocumentTooLargeError(f"{key}: {error}") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise DamagedDocumentError(f"{key}: not a readable image: {error}", "open and save it again") from error
    size = picture_size(upright.width, upright.height, width)
    return marked_png(upright.resize(size), page, highlights, size[0] / upright.width)


def picture_size(across: float, down: float, width: int) -> tuple[int, int]:
    """Return the width and height in pixels of a picture `width` wide, or smaller so that its pixels are bounded."""
    scale = min(max(1, min(width, _MAX_WIDTH)) / across, (_MAX_PIXELS / (across * down)) ** 0.5)
    return max(1, round(across * scale)), max(1, round(down * scale))


def marked_png(image: Image, page: int, highlights: Sequence[Box], scale: float) -> bytes:
    """Return an RGB image as PNG with a translucent yellow over each box on `page`, `scale` pixels a point.

    The file says so too, in dots an inch: whoever has it knows where on it a box stands.
    """
    from PIL import Image, ImageDraw

    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    for box in highlights:
        if box.page == page:
            left, right = sorted((box.left * scale, box.right * scale))
            top, bottom = sorted((box.top * scale, box.bottom * scale))
            draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), fill=_YELLOW)
    target = io.BytesIO()
    Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB").save(target, "PNG", dpi=(scale * 72, scale * 72))
    return target.getvalue()
