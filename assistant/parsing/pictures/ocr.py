"""Reads the text in pictures: lines with their places, in reading order, whichever way up the picture is."""

from __future__ import annotations

import functools
import itertools
import re
import shutil
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.shown import on_white
from assistant.types import Box, Document, Place

if TYPE_CHECKING:
    from PIL.Image import Image

# Under this mean confidence too many words are wrong: handwriting, an unknown script, a blurred photograph. Measured by
# `tests/benchmarks/scans.py` on pictures made worse: word recall 0.96 from 0.95 on, 0.65 from 0.90 on, 0.33 below.
RELIABLE = 0.90
_SURE = 0.92  # a picture read with this confidence stands upright
_LINE_SCORE = 0.5  # a line under it is noise; it still counts against the picture's confidence
_MAX_SIDE = 2000
_MIN_SIDE = 8  # nothing smaller can hold a letter
_TILE_RATIO = 3.0  # a longer picture (a whole page's screenshot) is read piece by piece: shrunk it cannot be read
_OVERLAP = 100
_SECONDS = 20
_ROTATE = re.compile(rb"Rotate:\s*(\d+)")
_ORIENTATION_CONFIDENCE = re.compile(rb"Orientation confidence:\s*([\d.]+)")


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on one line; `left` to `bottom` in pixels of the picture as it was given."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: paragraphs of rows of lines. `rotation`: so many degrees clockwise turn the picture upright.

    `confidence` is the mean over the characters, 0 where there are none.
    """

    paragraphs: tuple[tuple[tuple[Line, ...], ...], ...] = ()
    rotation: int = 0
    confidence: float = 0.0

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines in reading order."""
        return tuple(line for paragraph in self.paragraphs for row in paragraph for line in row)

    @property
    def text(self) -> str:
        """The text: a blank line between paragraphs, a blank between the pieces of a row."""
        rows = [[" ".join(line.text for line in row) for row in paragraph] for paragraph in self.paragraphs]
        return "\n\n".join("\n".join(paragraph) for paragraph in rows)

    @property
    def reliable(self) -> bool:
        """Whether the words are mostly right. What is not reliable must not be passed off as the picture's text."""
        return self.confidence >= RELIABLE


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
        for turn in _turns(tried[0], image):
            if turn not in tried:
                tried[turn] = self._lines(_turned(image, turn))
            rotation = max(tried, key=lambda angle: _worth(tried[angle]))
            if rotation == turn and not _suspicious(tried[turn]):
                break
        found = tried[rotation]
        confidence = _confidence(found)
        width = image.height if rotation in {90, 270} else image.width
        paragraphs = _paragraphs([line for line in found if line.confidence >= _LINE_SCORE], width)
        back = functools.partial(_mapped_back, rotation=rotation, width=image.width, height=image.height)
        placed = tuple(tuple(tuple(map(back, row)) for row in paragraph) for paragraph in paragraphs)
        return Reading(placed, rotation, confidence)

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
        for quad, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
            cleaned = " ".join(clean(text).split())
            if cleaned:
                left, upper = (float(value) for value in quad.min(axis=0))
                right, lower = (float(value) for value in quad.max(axis=0))
                found.append(Line(cleaned, left, upper + top, right, lower + top, float(score)))
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
                places.append(Place(at, at + len(line.text), box))
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

    cv2.setNumThreads(threads)
    return RapidOCR(
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


def _confidence(lines: Sequence[Line]) -> float:
    characters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / characters if characters else 0.0


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
    return not lines or _lies(lines) or _confidence(lines) < _SURE


def _turns(lines: Sequence[Line], image: Image) -> tuple[int, ...]:
    """Return the turns to try after a first reading of the picture as it is, the likeliest first."""
    if not lines or not _suspicious(lines):
        return ()
    turns = (90, 270) if _lies(lines) else (180,)
    likely = _orientation(image)
    return (likely, *turns) if likely else turns


def _orientation(image: Image) -> int:
    """Return the turn that tesseract suggests where it is installed and sure, else 0."""
    program = shutil.which("tesseract")
    if program is None:
        return 0
    picture = BytesIO()
    image.convert("L").save(picture, "PNG")
    try:
        done = subprocess.run(  # noqa: S603 (a fixed command; the picture goes in by a pipe)
            [program, "stdin", "stdout", "--psm", "0"],
            input=picture.getvalue(),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (subprocess.SubprocessError, OSError):
        return 0
    rotate, sure = _ROTATE.search(done.stdout), _ORIENTATION_CONFIDENCE.search(done.stdout)
    if rotate is None or sure is None or float(sure[1]) < 1:
        return 0
    return int(rotate[1]) % 360 if int(rotate[1]) % 90 == 0 else 0


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


def _paragraphs(lines: Sequence[Line], width: int) -> list[list[list[Line]]]:
    """Return the lines as paragraphs of rows, one column after the other."""
    return [paragraph for part in _columns(lines, width) for paragraph in _split(_rows(part))]


def _columns(lines: Sequence[Line], width: int) -> list[list[Line]]:
    """Return the lines in groups to be read one after the other: what spans two columns parts what is below it."""
    best: tuple[int, float] | None = None
    for percent in range(35, 66):
        middle = width * percent / 100
        left = [line for line in lines if line.right <= middle]
        right = [line for line in lines if line.left >= middle]
        across = len(lines) - len(left) - len(right)
        # Columns of prose are wide; the columns of a table or a receipt are narrow and read row by row.
        if min(len(left), len(right)) < 5 or 4 * across > len(lines) or not all(map(_is_prose(width), (left, right))):
            continue
        best = min(best or (across, middle), (across, middle))
    if best is None:
        return [list(lines)]
    middle = best[1]
    groups: list[list[Line]] = []
    left, right = [], []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if line.right <= middle:
            left.append(line)
        elif line.left >= middle:
            right.append(line)
        else:
            groups += [left, right, [line]]
            left, right = [], []
    return [group for group in [*groups, left, right] if group]


def _is_prose(width: int) -> Callable[[Sequence[Line]], bool]:
    return lambda lines: statistics.median(line.right - line.left for line in lines) >= 0.22 * width


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines row by row from the top, each row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        middle = (line.top + line.bottom) / 2
        last = rows[-1][-1] if rows else None
        if last and abs(middle - (last.top + last.bottom) / 2) < 0.5 * min(
            line.bottom - line.top, last.bottom - last.top
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _split(rows: Sequence[list[Line]]) -> list[list[list[Line]]]:
    """Return the rows in paragraphs: a new one begins after a gap that is larger than the usual one."""
    if not rows:
        return []
    heights = [statistics.median(line.bottom - line.top for line in row) for row in rows]
    gaps = [
        min(line.top for line in below) - max(line.bottom for line in above)
        for above, below in itertools.pairwise(rows)
    ]
    usual = max(0.0, statistics.median(gaps)) if gaps else 0.0
    paragraphs = [[rows[0]]]
    for row, gap, height in zip(rows[1:], gaps, heights[1:], strict=True):
        if gap > usual + 0.6 * height:
            paragraphs.append([row])
        else:
            paragraphs[-1].append(row)
    return paragraphs
