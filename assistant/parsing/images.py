"""Parser of pictures: the text that stands in them, by OCR, a page for each frame."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder
from assistant.parsing.image_render import render_image
from assistant.parsing.ocr import Reading, read_image, with_places, write_reading
from assistant.parsing.pdf_boxes import place_boxes
from assistant.types import Box, Document, DocumentRef, Page, Place

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/x-ms-bmp": "BMP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
}
_MAX_PIXELS = 120_000_000
_MAX_FRAMES = 500


class ImageParser:
    """Reads PNG, JPEG, WebP, TIFF, BMP, GIF and HEIC. A TIFF's frames are all read, of an animation the first.

    Places are given in points as if a pixel were one, in the picture as it is shown (its EXIF orientation applied).

    Args:
        read: the recogniser.
    """

    name = "image"
    version = "1"

    def __init__(self, read: Callable[[Image], Reading] = read_image) -> None:
        self._read = read

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a picture of pixels."""
        return ref.media_type in _FORMATS

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the recognised text, a block a paragraph and a place a line. See `interfaces.Parser` for errors.

        Raises:
            EmptyDocumentError: no text was recognised, or not reliably (handwriting): guesses are not its text.
        """
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        builder = TextBuilder()
        pages: list[Page] = []
        places: list[Place] = []
        unsure = 0
        for number, frame in enumerate(_frames(ref, data), start=1):
            reading = self._read(frame)
            before = builder.length
            if reading.reliable:
                places += write_reading(builder, reading, number)
            elif reading.lines:
                unsure += 1
                note = f"[Page {number}: its text could not be read reliably]"
                builder.add("image", note, page=number)
            pages.append(builder.page_since(before, number))
        if not places:
            cause = "the text in the picture could not be read reliably" if unsure else "no text was recognised in it"
            hint = "a sharper scan may help; handwriting is not read" if unsure else "a picture without text has none"
            raise EmptyDocumentError(f"{ref.key}: {cause}", hint)
        return with_places(builder.build(ref, pages=pages), places)

    def boxes(self, document: Document, data: bytes, start: int, end: int) -> Sequence[Box]:
        """See `interfaces.PageDrawer`."""
        del data  # the places say it all
        return [box for page in document.pages for box in place_boxes(document.places, page.number, start, end)]

    def draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        """See `interfaces.PageDrawer`."""
        if _FORMATS[ref.media_type] == "HEIF":
            _open_heif_too()
        return render_image(data, page, highlights, width, ref.key)


def _open_heif_too() -> None:
    from pi_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def _frames(ref: DocumentRef, data: bytes) -> Iterator[Image]:
    """Yield the frames as they are shown, each decoded when its turn comes."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    kind = _FORMATS[ref.media_type]
    if kind == "HEIF":
        _open_heif_too()
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warnings of odd metadata and of sizes that are checked here
            with Image.open(BytesIO(data), formats=[kind]) as image:
                single = kind not in {"TIFF", "HEIF"}
                for number, frame in enumerate(ImageSequence.Iterator(image), start=1):
                    pixels += frame.width * frame.height
                    _check_size(ref, pixels, number)
                    yield ImageOps.exif_transpose(frame)
                    if single:
                        return
    except Image.DecompressionBombError as error:
        raise _too_large(ref) from error
    except UnidentifiedImageError as error:
        cause = f"{ref.key}: the bytes are no {kind} picture"
        raise DamagedDocumentError(cause, "correct the file's name or type, or save it again") from error
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, RuntimeError) as error:
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise DamagedDocumentError(f"{ref.key}: the picture cannot be decoded: {cause}", "save it again") from error


def _check_size(ref: DocumentRef, pixels: int, frames: int) -> None:
    if pixels > _MAX_PIXELS:
        raise _too_large(ref)
    if frames > _MAX_FRAMES:
        raise DocumentTooLargeError(f"{ref.key}: it has more than {_MAX_FRAMES} frames", "split the file")


def _too_large(ref: DocumentRef) -> DocumentTooLargeError:
    limit = f"{_MAX_PIXELS // 1_000_000} megapixels"
    return DocumentTooLargeError(f"{ref.key}: the picture has more than {limit}", "make it smaller or split it")
