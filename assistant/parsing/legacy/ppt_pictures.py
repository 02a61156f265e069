"""Finds the pictures that the shapes of an old PowerPoint file show."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from assistant.parsing.legacy.office_art import (
    PICTURE,
    PROPERTIES,
    STORE_ENTRY,
    alternative_text,
    image_file,
    properties,
)
from assistant.parsing.legacy.ppt_records import PptStream, Record
from assistant.types import Box

_ANCHOR = 0xF010
_UNIT = 8  # of a point, in which slides are measured


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture on a slide with its alternative text; `data` is empty where there is no image file."""

    data: bytes
    text: str
    box: Box | None


class PptPictures:
    """The pictures of a presentation, which `pictures`, a stream of its own, holds."""

    def __init__(self, stream: PptStream, pictures: bytes) -> None:
        self._stream = stream
        self._pictures = pictures
        self._places = [
            int.from_bytes(stream.content(entry)[28:32], "little")
            for entry in stream.find(stream.document(), STORE_ENTRY)
        ]

    def of(self, shape: Record, page: int) -> ShownPicture | None:
        """Return the picture that a shape on slide `page` shows, or None."""
        number, words, box = 0, "", None
        for record in self._stream.children(shape):
            content = self._stream.content(record)
            if record.kind == PROPERTIES:
                stated = {kind: value for kind, value, _ in properties(content, record.instance)}
                number, words = stated.get(PICTURE, 0), alternative_text(content, record.instance)
            elif record.kind == _ANCHOR and len(content) == 8:
                top, left, right, bottom = (side / _UNIT for side in struct.unpack("<4h", content))
                box = Box(page, left, top, right, bottom) if left < right and top < bottom else None
        if not 0 < number <= len(self._places):
            return None
        data = image_file(self._pictures, self._places[number - 1], len(self._pictures))
        return ShownPicture(data, words, box)
