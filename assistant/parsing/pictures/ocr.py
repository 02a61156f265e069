"""Reads the text in pictures: lines with their places, in reading order, whichever way up the picture is."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.adapters.pixels import on_white
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.pictures import tesseract
from assistant.parsing.pictures.layout import in_paragraphs
from assistant.parsing.pictures.reading import RELIABLE, Line, Reading, doubtful_share
from assistant.types import Box, Document, Place

if TYPE_CHECKING:
    from PIL.Image import Image

_SURE = 0.92  # a picture read with this confidence stands upright
_LINE_SCORE = 0.5  # a line under it is noise; it still counts against the picture's confidence
_MAX_SIDE = 2000
_MIN_SIDE = 8  # nothing smaller can hold a letter
_TILE_RATIO = 3.0  # a longer picture (a whole page's screenshot) is read piece by piece: shrunk it cannot be read
_OVERLAP = 100
# What the recogniser does not know, such as a script of which its models have no letter, it leaves out and is sure of
# the rest. In lines that are so much longer than high, it reads at least this many letters for each time that they are:
# 1.3 to 4 in Latin, 1 in Chinese, 0 to 0.5 in Cyrillic, Korean, Arabic, Thai, Devanagari.
_MIN_LENGTH = 2.0
_MIN_LETTERS = 0.6
_CONTRAST = 40  # of 255; a line without any text and with less is empty paper
_MIN_UNREAD = 0.1  # under it a picture counts as read: icons in screenshots come to 0.09
_MUCH_UNREAD = 5.0  # times their height that the lines not read must be long together to say that there is any text
_DOUBTFUL = 0.8  # a word with a letter under it may be wrong
_WORD_BY_WORD = "\u2e80"  # from here on scripts write no blanks between words: each letter counts as one
_SURE_OF_SCRIPT = 0.85  # with the right language pack tesseract's lines have 0.8 to 0.97, with a wrong one 0.1 to 0.5


class Recognizer:
    """Reads pictures with RapidOCR, whose models come with its package: nothing is ever downloaded.

    Args:
        threads: of the models' arithmetic.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._loaded: Any = None

    def read(self, image: Image) -> Reading:
        """Return the text of a picture. An EXIF orientation must have been applied before.

        Args:
            image: of any mode; what is transparent counts as white.
        """
        if min(image.size) < _MIN_SIDE:
            return Reading()
        image = on_white(image)
        tried = {0: self._lines(image)}
        rotation = 0
        likely = tesseract.orientation(image) if tried[0] and _suspicious(tried[0]) else 0
        for turn in _turns(tried[0], likely):
            if turn not in tried:
                tried[turn] = self._lines(_turned(image, turn))
            rotation = max(tried, key=lambda angle: _worth(tried[angle]))
            if rotation == turn and not _suspicious(tried[turn]):
                break
        if likely or not _lies(tried[0]):  # which rubbish looks better tells nothing
            rotation = rotation if _confidence(tried[rotation]) >= RELIABLE else likely
        found = tried[rotation]
        if _unread(found) or (any(line.text for line in found) and _confidence(found) < RELIABLE):
            found = _by_script(_turned(image, rotation) if rotation else image, found)
        confidence, unread = _confidence(found), _unread(found)
        width = image.height if rotation in {90, 270} else image.width
        paragraphs = in_paragraphs([line for line in found if line.text and line.confidence >= _LINE_SCORE], width)
        back = functools.partial(_mapped_back, rotation=rotation, width=image.width, height=image.height)
        placed = tuple(tuple(tuple(map(back, row)) for row in paragraph) for paragraph in paragraphs)
        return Reading(placed, rotation, confidence, unread, doubtful_share(found))

    def _lines(self, image: Image) -> list[Line]:
        """Return the lines of an upright picture, those of a very long one piece by piece."""
        step = int(image.width * _TILE_RATIO)
        if image.height <= max(_MAX_SIDE, step):
            return self._piece(image, 0)
        found: list[Line] = []
        for top in range(0, image.height, step):
            bottom = min(image.height, top + step + _OVERLAP)
            piece = self._piece(image.crop((0, top, image.width, bottom)), top)
            # In the overlap a line belongs to the piece that its middle falls into.
            found.extend(line for line in piece if top <= (line.top + line.bottom) / 2 < top + step)
        return found

    def _piece(self, image: Image, top: int) -> list[Line]:
        import numpy as np

        pixels = np.asarray(image)[:, :, ::-1]
        result = self._engine()(np.ascontiguousarray(pixels), use_cls=False)
        if result.boxes is None or result.txts is None:
            return []
        found: list[Line] = []
        lines = zip(result.boxes, result.txts, result.scores, result.word_results, strict=True)
        for quad, text, score, (words, doubtful) in lines:
            cleaned = " ".join(clean(text).split())
            left, upper = (float(value) for value in quad.min(axis=0))
            right, lower = (float(value) for value in quad.max(axis=0))
            sides = sorted(float(np.linalg.norm(quad[at] - quad[at - 1])) for at in (1, 2))
            length = sides[1] / max(sides[0], 1.0)
            sparse = length >= _MIN_LENGTH and len(cleaned.replace(" ", "")) < _MIN_LETTERS * length
            shown = pixels[int(max(upper, 0)) : int(lower) + 1, int(max(left, 0)) : int(right) + 1]
            if cleaned or (sparse and np.ptp(shown) >= _CONTRAST):
                confidence = float(score) if cleaned else 0.0
                place = (left, upper + top, right, lower + top)
                found.append(Line(cleaned, *place, confidence, sparse, words, doubtful))
        return found

    def _engine(self) -> Any:
        if self._loaded is None:
            self._loaded = _load(self._threads)
        return self._loaded


def read_image(image: Image) -> Reading:
    """Return the text of a picture, read by this process's one recogniser. See `Recognizer.read`."""
    return _shared().read(image)


def write_reading(builder: TextBuilder, reading: Reading, page: int, scale: float = 1.0) -> list[Place]:
    """Add a block for each paragraph and return where each of their lines stands.

    Args:
        builder: takes the blocks.
        reading: of the page's picture.
        page: the page's number.
        scale: points a pixel.
    """
    places: list[Place] = []
    for paragraph in reading.paragraphs:
        builder.add("text", "\n".join(" ".join(line.text for line in row) for row in paragraph), page=page)
        at = builder.last_start
        for row in paragraph:
            for line in row:
                box = Box(page, line.left * scale, line.top * scale, line.right * scale, line.bottom * scale)
                places.append(Place(at, at + len(line.text), box, reading.rotation))
                at += len(line.text) + 1
    return places


def with_places(document: Document, places: Sequence[Place]) -> Document:
    """Return the document with `places` (in order), and on each block that has some of them the box around those."""
    rest = list(reversed(places))
    blocks = []
    for block in document.blocks:
        inside: list[Box] = []
        while rest and rest[-1].start < block.end:
            inside.append(rest.pop().box)
        around = block.box
        if inside:
            left, top = min(box.left for box in inside), min(box.top for box in inside)
            right, bottom = max(box.right for box in inside), max(box.bottom for box in inside)
            around = Box(inside[0].page, left, top, right, bottom)
        blocks.append(replace(block, box=around))
    return replace(document, blocks=tuple(blocks), places=tuple(places))


@functools.cache
def _shared() -> Recognizer:
    return Recognizer()


def _load(threads: int) -> Any:
    import cv2
    from rapidocr import RapidOCR

    class Engine(RapidOCR):
        """Keeps the lines in which nothing was read, which RapidOCR drops: they tell of scripts it does not know.

        For each line, `word_results` are how many words it has and how many of them are doubtful.
        """

        def recognize_txt(self, img_list: list[Any]) -> Any:
            self.return_word_box = True  # here it means: tell how sure each letter is
            result: Any = super().recognize_txt(img_list)
            self.return_word_box = False  # and later: compute where each stands, which nobody needs
            if result.txts is not None:
                sure = [told.confs for told in result.word_results]
                result.word_results = tuple(map(_doubtful_words, result.txts, sure))
                result.txts = tuple(text if text.strip() else "\0" for text in result.txts)
            return result

    cv2.setNumThreads(threads)
    return Engine(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Global.max_side_len": _MAX_SIDE,
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "EngineConfig.onnxruntime.enable_cpu_mem_arena": False,
        }
    )


def _doubtful_words(text: str, sure: Sequence[float]) -> tuple[int, int]:
    """Return how many words a line has and how many of them are doubtful, by how sure each of its letters is."""
    words = doubtful = 0
    least: float | None = None  # of the word that goes on
    for letter, sureness in [*zip(text, sure, strict=False), (" ", 1.0)]:
        alone = letter >= _WORD_BY_WORD
        if least is not None and (alone or not letter.isalnum()):
            words, doubtful, least = words + 1, doubtful + (least < _DOUBTFUL), None
        if alone:
            words, doubtful = words + 1, doubtful + (sureness < _DOUBTFUL)
        elif letter.isalnum():
            least = sureness if least is None else min(least, sureness)
    return words, doubtful


def _confidence(lines: Sequence[Line]) -> float:
    characters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / characters if characters else 0.0


def _unread(lines: Sequence[Line]) -> float:
    """Return the share of the lines' length that was not read, 0 where it is next to nothing."""
    missed = [line for line in lines if line.unread]
    if sum(_length(line) / max(_height(line), 1.0) for line in missed) < _MUCH_UNREAD:
        return 0.0
    share = sum(map(_length, missed)) / sum(map(_length, lines))
    return share if share >= _MIN_UNREAD else 0.0


def _length(line: Line) -> float:
    return max(line.right - line.left, line.bottom - line.top)


def _height(line: Line) -> float:
    return min(line.right - line.left, line.bottom - line.top)


def _by_script(image: Image, lines: Sequence[Line]) -> list[Line]:
    """Return the lines, those that were read badly by tesseract where it has a language pack for their script."""
    weak = [at for at, line in enumerate(lines) if line.sparse or line.confidence < RELIABLE]
    boxes = [(lines[at].left, lines[at].top, lines[at].right, lines[at].bottom) for at in weak]
    found = list(lines)
    for at, (text, confidence) in zip(weak, tesseract.read_lines(image, boxes), strict=True):
        if text and confidence >= _SURE_OF_SCRIPT:
            found[at] = replace(lines[at], text=text, confidence=max(confidence, RELIABLE), sparse=False, doubtful=0)
    return found


def _worth(lines: Sequence[Line]) -> float:
    """How much was read, and how surely. A text that lies on its side counts less, as its lines have no order."""
    read = sum(line.confidence**4 * len(line.text) for line in lines)
    return read / 2 if _lies(lines) else read


def _lies(lines: Sequence[Line]) -> bool:
    """Whether most text stands in boxes that are taller than wide."""
    telling = [line for line in lines if len(line.text) > 2]
    tall = sum(len(line.text) for line in telling if line.bottom - line.top > 1.3 * (line.right - line.left))
    return 2 * tall > sum(len(line.text) for line in telling)


def _suspicious(lines: Sequence[Line]) -> bool:
    return not any(line.text for line in lines) or _lies(lines) or _confidence(lines) < _SURE


def _turns(lines: Sequence[Line], likely: int) -> tuple[int, ...]:
    """Return the turns to try after a first reading of the picture as it is, the likeliest first."""
    first = (likely,) if likely else ()
    if not any(line.text for line in lines) or not _suspicious(lines):
        return first
    return (*first, *((90, 270) if _lies(lines) else (180,)))


def _turned(image: Image, clockwise: int) -> Image:
    from PIL.Image import Transpose

    turn = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    return image.transpose(turn[clockwise])


def _mapped_back(line: Line, rotation: int, width: int, height: int) -> Line:
    """Return the line in the pixels of a picture `width` by `height` that was turned clockwise by `rotation`."""
    left, top, right, bottom = line.left, line.top, line.right, line.bottom
    if rotation == 90:
        left, top, right, bottom = top, height - right, bottom, height - left
    elif rotation == 180:
        left, top, right, bottom = width - right, height - bottom, width - left, height - top
    elif rotation == 270:
        left, top, right, bottom = width - bottom, left, width - top, right
    left, right = (min(max(value, 0.0), float(width)) for value in (left, right))
    top, bottom = (min(max(value, 0.0), float(height)) for value in (top, bottom))
    return replace(line, left=left, top=top, right=right, bottom=bottom)
