"""Reads the text in the pictures that a document shows, and puts it where they stand."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.adapters.pixels import MAX_PIXELS
from assistant.parsing.deadline import seconds_left
from assistant.parsing.pictures.ocr import read_image
from assistant.parsing.pictures.reading import Reading
from assistant.types import Block, Box, Document, Page, Picture, Place

if TYPE_CHECKING:
    from PIL.Image import Image

_SHARE = 0.5  # of the time that is left for the document
_MIN_WIDTH, _MIN_HEIGHT = 120, 40  # pixels; a smaller picture is an icon or a logo
_GAP = "\n\n"
Read = Callable[["Image"], Reading]


def with_picture_text(document: Document, read: Read = read_image, seconds: float | None = None) -> Document:
    """Return the document with the reliable text of its pictures as image blocks, each with its lines' places.

    A picture that was read already, or that is the document itself, is left alone.

    Args:
        document: as its parser returned it.
        read: the recogniser.
        seconds: no picture is begun after them, by default half of what the document may still take; the text says at
            its end how many were not looked at.
    """
    deadline = time.monotonic() + (_SHARE * seconds_left() if seconds is None else seconds)
    readings: dict[int, Reading] = {}
    missed, unclear, notices = 0, False, document.notices
    for at, picture in enumerate(document.pictures):
        if not _unread(document, picture, notices):
            continue
        if time.monotonic() > deadline:
            missed += 1
            continue
        reading = _reading(picture, read)
        if reading is not None and reading.reliable:
            readings[at] = reading
        unclear = unclear or (reading is not None and reading.seen)
    for at in reversed(readings):  # from the last on, so that the places of those before stay
        document = _with_words(document, at, readings[at])
    if missed:
        return _with_notice(
            document, f"[The text in {missed} of the pictures was not read: the time for them was used up]"
        )
    if document.pictures and not document.text.strip():  # it is there to be looked at, and found by its title
        found = "their text could not be read reliably" if unclear else "no text was found in them"
        return _with_notice(document, f"[Pictures only: {found}]")
    return document


def _unread(document: Document, picture: Picture, notices: Sequence[tuple[int, int]]) -> bool:
    """Whether nothing but an alternative text is known of what the picture says."""
    start, end = picture.start, picture.end
    words = document.text[start:end]
    is_document = words != "" and len(words) == len(document.text)
    recognised = any(start <= place.start < end for place in document.places)
    told = any(low < end and start < high for low, high in notices)  # why it was not read
    return not picture.lettered and not is_document and not recognised and not told and "\n\n" not in words


def _reading(picture: Picture, read: Read) -> Reading | None:
    """Return what is read in the picture, its lines in parts of the picture's width and height."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(picture.data)) as opened:
                if (
                    opened.width < _MIN_WIDTH
                    or opened.height < _MIN_HEIGHT
                    or opened.width * opened.height > MAX_PIXELS
                ):
                    return None
                image = ImageOps.exif_transpose(opened)
                return _in_parts(read(image), *image.size)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (Pillow raises nearly anything over broken metadata)
        return None  # it cannot be shown, so it says nothing to anybody


def _in_parts(reading: Reading, width: int, height: int) -> Reading:
    paragraphs = tuple(
        tuple(
            tuple(
                replace(
                    line,
                    left=line.left / width,
                    right=line.right / width,
                    top=line.top / height,
                    bottom=line.bottom / height,
                )
                for line in row
            )
            for row in paragraph
        )
        for paragraph in reading.paragraphs
    )
    return replace(reading, paragraphs=paragraphs)


def _with_words(document: Document, at: int, reading: Reading) -> Document:
    """Put a picture's words behind what is known of it, or at its place, and move everything that follows."""
    picture = document.pictures[at]
    words = "\n".join(" ".join(line.text for line in row) for paragraph in reading.paragraphs for row in paragraph)
    place = _outside(document, picture.end)
    begins = any(block.start == place for block in document.blocks)
    start = place if begins or not place else place + len(_GAP)
    inserted = words + _GAP if begins else _GAP + words if place else words
    size, end = len(inserted), start + len(words)

    def moved(offset: int) -> int:
        return offset + size if offset >= place else offset

    new = Block("image", words, start, end, picture.page, picture.box)
    blocks = [
        replace(b, start=moved(b.start), end=b.end + size if b.start >= place else b.end) for b in document.blocks
    ]
    behind = sum(block.start < start for block in blocks)
    blocks.insert(behind, new)
    pictures = [_moved(p, place, size) if n > at else p for n, p in enumerate(document.pictures)]
    pictures[at] = replace(picture, start=picture.start if picture.start < picture.end else start, end=end)
    places = [
        replace(p, start=moved(p.start), end=p.end + size if p.start >= place else p.end) for p in document.places
    ]
    places += _places(picture, reading, start)
    return replace(
        document,
        text=document.text[:place] + inserted + document.text[place:],
        blocks=tuple(blocks),
        pages=tuple(_page(page, picture.page, place, size) for page in document.pages),
        places=tuple(sorted(places, key=lambda p: p.start)),
        pictures=tuple(pictures),
    )


def _outside(document: Document, offset: int) -> int:
    """Return the offset, or the end of the block that it lies within."""
    return next((block.end for block in document.blocks if block.start < offset < block.end), offset)


def _moved(picture: Picture, place: int, size: int) -> Picture:
    return replace(picture, start=picture.start + size, end=picture.end + size) if picture.start >= place else picture


def _page(page: Page, shown_on: int | None, place: int, size: int) -> Page:
    """Return a page of the text in which `size` characters that belong to page `shown_on` come at `place`."""
    belongs = page.number == shown_on
    later = shown_on is not None and page.number > shown_on
    start = page.start + size if page.start > place or (page.start == place and later) else page.start
    end = page.end + size if page.end > place or (page.end == place and (belongs or later)) else page.end
    return replace(page, start=start, end=end)


def _places(picture: Picture, reading: Reading, start: int) -> Iterator[Place]:
    """Yield where each line stands on the page, if it is known where the picture does."""
    box = picture.box
    if box is None:
        return
    width, height = box.right - box.left, box.bottom - box.top
    for paragraph in reading.paragraphs:
        for row in paragraph:
            for line in row:
                around = Box(
                    box.page,
                    box.left + line.left * width,
                    box.top + line.top * height,
                    box.left + line.right * width,
                    box.top + line.bottom * height,
                )
                yield Place(start, start + len(line.text), around, reading.rotation)
                start += len(line.text) + 1


def _with_notice(document: Document, notice: str) -> Document:
    start = len(document.text) + len(_GAP) if document.text else 0
    text = f"{document.text}{_GAP}{notice}" if document.text else notice
    last = len(document.pages)
    block = Block("notice", notice, start, len(text), last or None)
    pages = tuple(replace(page, end=len(text)) if page.number == last else page for page in document.pages)
    return replace(document, text=text, blocks=(*document.blocks, block), pages=pages)
