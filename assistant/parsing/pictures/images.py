"""Parser of pictures: each frame as a picture and a page, with the text that stands in it by OCR."""

from __future__ import annotations

import math
import re
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from assistant.adapters.pixels import MAX_PIXELS, on_white
from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.deadline import seconds_left
from assistant.parsing.pictures.image_metadata import About, about_picture
from assistant.parsing.pictures.image_render import render_image
from assistant.parsing.pictures.ocr import read_image, with_places, write_reading
from assistant.parsing.pictures.reading import Reading
from assistant.parsing.placed import place_boxes
from assistant.parsing.shown import MAX_BYTES, MAX_SIDE, drawn_anew
from assistant.types import Box, Document, DocumentRef, Page, Picture, Place

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
_SHOWN = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}  # by any browser
_MAX_FRAMES = 500
_MAX_READ_PIXELS = 60_000_000  # what is larger is read at half its size
_ORIENTATION = 0x0112
_MAX_PICTURES = 50
_FOR_READING = 2 / 3  # of the time that a document may take, after which no frame is read
_UNREADABLE = "its text could not be read reliably, look at the picture"
_INCOMPLETE = "a part of its text could not be read reliably, look at the picture"
_BETWEEN_WORDS = re.compile(r"[\s_.+~,;=-]+")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame as it was seen: its text, and `why` that or a part of it lacks; `picture` is its type and file, if kept.

    A pixel of the reading is `scale` pixels of the frame.
    """

    reading: Reading
    why: str
    picture: tuple[str, bytes] | None
    scale: int = 1


class ImageParser:
    """Reads PNG, JPEG, WebP, TIFF, BMP, GIF and HEIC. A TIFF's frames are all read, of an animation the first.

    Places are given in points as if a pixel were one, in the picture as it is shown (its EXIF orientation applied).

    Args:
        read: the recogniser.
    """

    name = "image"
    version = "5"

    def __init__(self, read: Callable[[Image], Reading] = read_image) -> None:
        self._read = read

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a picture of pixels."""
        return ref.media_type in _FORMATS

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the recognised text, a block a paragraph and a place a line. See `interfaces.Parser` for errors.

        Guesses are not a picture's text: without any that is reliable, the text is the words of the file's name and of
        its own description, and a notice.
        """
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        frames: list[_Frame] = []
        about = About()
        began, seconds = time.monotonic(), _FOR_READING * seconds_left()
        for number, (image, scale, told) in enumerate(_frames(ref, data), start=1):
            about = told or about
            picture = None
            if number <= _MAX_PICTURES:
                own = _SHOWN.get(_FORMATS[ref.media_type], "")
                fits = scale == 1 and max(image.size) <= MAX_SIDE and len(data) <= MAX_BYTES
                picture = (own, data) if own and fits else drawn_anew(image)
            if time.monotonic() - began > seconds:
                why = f"it was not read: text recognition ends after {seconds:.0f} seconds of a document"
                frames.append(_Frame(Reading(), why, picture))
            else:
                frames.append(self._seen(image, scale, picture))
        return _document(ref, frames, about)

    def _seen(self, image: Image, scale: int, picture: tuple[str, bytes] | None) -> _Frame:
        reading = self._read(image)
        why = _INCOMPLETE if reading.incomplete else _UNREADABLE if reading.seen and not reading.reliable else ""
        return _Frame(reading, why, picture, scale)

    def boxes(self, document: Document, data: bytes, start: int, end: int) -> Sequence[Box]:
        """See `interfaces.PageDrawer`."""
        del data  # the places say it all
        return [box for page in document.pages for box in place_boxes(document, page.number, start, end)]

    def draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        """See `interfaces.PageDrawer`."""
        if _FORMATS[ref.media_type] == "HEIF":
            _open_heif_too()
        return render_image(data, page, highlights, width, ref.key)


def _document(ref: DocumentRef, frames: Sequence[_Frame], about: About) -> Document:
    """Return the frames as pages; where none has text, the first begins with what the file is called."""
    builder = TextBuilder()
    pages: list[Page] = []
    places: list[Place] = []
    told = any(frame.reading.reliable for frame in frames)
    blank = not told and not any(frame.why for frame in frames)
    for number, frame in enumerate(frames, start=1):
        before = builder.length
        if number == 1 and not told:
            builder.add("image", "\n".join(filter(None, (name_words(ref.key), *about.words))), page=1)
        if frame.reading.reliable:
            places += write_reading(builder, frame.reading, number, frame.scale)
        alone = len(frames) == 1 or (blank and number == 1)
        lacks = frame.why or ("no text was found in it" if alone and not frame.reading.reliable else "")
        if lacks:
            name = "Picture" if alone else f"Page {number}"
            gap = "\n" if alone and not frame.reading.reliable else "\n\n"
            builder.add("notice", f"[{name}: {lacks}]", gap=gap, page=number)
        pages.append(builder.page_since(before, number))
    document = with_places(builder.build(ref, pages=pages, metadata=about.metadata), places)
    pictures = (
        Picture(page.start, page.end, *frame.picture, page=page.number)
        for page, frame in zip(pages, frames, strict=True)
        if frame.picture
    )
    return replace(document, pictures=tuple(pictures))


def name_words(key: str) -> str:
    """Return the words of a file's name: `trips/holiday-party_2024.jpg` is `holiday party 2024`."""
    name = PurePosixPath(unquote(key.replace("\\", "/"))).name
    return " ".join(_BETWEEN_WORDS.split(clean(name.rpartition(".")[0] or name))).strip()


def _bounded(frame: Image) -> tuple[Image, int]:
    """Return a frame in a size that there is memory to read, and how many times its sides are divided."""
    times = math.ceil((frame.width * frame.height / _MAX_READ_PIXELS) ** 0.5)
    if times <= 1:
        return frame, 1
    plain = frame if frame.mode in {"RGB", "L"} else on_white(frame)
    return plain.reduce(times), times


def _open_heif_too() -> None:
    from pi_heif import register_heif_opener

    register_heif_opener(thumbnails=False)


def _frames(ref: DocumentRef, data: bytes) -> Iterator[tuple[Image, int, About | None]]:
    """Yield the frames as they are shown, each decoded when its turn comes, in a size that there is memory to read.

    With each come how many times its sides are divided, and with the first what the file says of itself.
    """
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    kind = _FORMATS[ref.media_type]
    if kind == "HEIF":
        _open_heif_too()
    pixels = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warnings of odd metadata and of sizes that are checked here
            with Image.open(BytesIO(data), formats=[kind]) as opened:
                single = kind not in {"TIFF", "HEIF"}
                for number, frame in enumerate(ImageSequence.Iterator(opened), start=1):
                    pixels += frame.width * frame.height
                    _check_size(ref, pixels, number)
                    upright = frame.getexif().get(_ORIENTATION, 1) == 1
                    small, scale = _bounded(frame if upright else ImageOps.exif_transpose(frame))  # it always copies
                    about = about_picture(opened) if number == 1 else None
                    if single:
                        if small is not opened:
                            opened.close()  # gives its pixels' memory back
                        yield small, scale, about
                        return
                    yield small, scale, about
    except Image.DecompressionBombError as error:
        raise _too_large(ref) from error
    except UnidentifiedImageError as error:
        cause = f"{ref.key}: the bytes are no {kind} picture"
        raise DamagedDocumentError(cause, "correct the file's name or type, or save it again") from error
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, KeyError, IndexError, RuntimeError) as error:
        cause = " ".join(str(error).split())[:200] or type(error).__name__
        raise DamagedDocumentError(f"{ref.key}: the picture cannot be decoded: {cause}", "save it again") from error


def _check_size(ref: DocumentRef, pixels: int, frames: int) -> None:
    if pixels > MAX_PIXELS:
        raise _too_large(ref)
    if frames > _MAX_FRAMES:
        raise DocumentTooLargeError(f"{ref.key}: it has more than {_MAX_FRAMES} frames", "split the file")


def _too_large(ref: DocumentRef) -> DocumentTooLargeError:
    limit = f"{MAX_PIXELS // 1_000_000} megapixels"
    return DocumentTooLargeError(f"{ref.key}: the picture has more than {limit}", "make it smaller or split it")
