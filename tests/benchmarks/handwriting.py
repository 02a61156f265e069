"""Measures what becomes of handwriting: it is read right, or marked as not reliably read and kept as a picture.

Run it as `python -m tests.benchmarks.handwriting FONT [FONT ...]`. Notes are drawn in each font as one would write them
(letters and lines that waver, slant, ink and paper that vary) and put through the parser of pictures. Fonts that
imitate a hand are a proxy: real hands vary more. `--save DIR` keeps the pictures.

A picture `pretends` where its words stand in the document's text as its own and fewer than `--right` of them are right.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import random
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assistant.parsing.pictures.images import ImageParser
from assistant.parsing.pictures.ocr import read_image
from assistant.parsing.pictures.reading import Reading
from assistant.types import DocumentRef

_WORD = re.compile(r"\w+")
_SIZE = (1240, 1000)  # pixels: two thirds of an A4 page at 150 dpi
_NOTES = (
    "Called the supplier on Monday about the broken pumps. They will send two new ones before the end of the "
    "month and take the old ones back. Please ask Maria to check whether the invoice from March has been paid "
    "already, it was 1450 euros.",
    "Minutes of the meeting, 14 October. Present: Anna, Tom, Yusuf. We agreed to move the archive to the "
    "second floor. Tom orders shelves and boxes. Nobody throws anything away before Yusuf has looked at it. "
    "Next meeting in three weeks.",
    "The patient sleeps badly and complains of pain in the left shoulder, worse at night. No fever. Stop the "
    "tablets, begin with exercises twice a day. If it does not get better within ten days, take another "
    "picture and send it to the clinic.",
)
_HANDS = {"neat": 0.0, "hasty": 1.0, "scrawled": 2.0}  # how far letters and lines waver


@dataclass(frozen=True)
class Outcome:
    """One picture: the share of its words in what was read, and of the read words that are right; how it was judged."""

    hand: str
    font: str
    recall: float
    precision: float
    confidence: float
    said: bool
    kept: bool


def main() -> None:
    """Draw and read every text, and print a line of JSON for each font, each hand, what pretends, and the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("fonts", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=len(_NOTES), help="notes drawn in each font and hand")
    parser.add_argument("--right", type=float, default=0.8, help="share of the words from which a text counts as right")
    parser.add_argument("--save", type=Path, help="a folder for the pictures")
    arguments = parser.parse_args()
    found: list[Outcome] = []
    for font in arguments.fonts:
        for hand, wavering in _HANDS.items():
            for number, text in enumerate(_NOTES[: arguments.limit]):
                picture = written(text, font, wavering, seed=number)
                if arguments.save:
                    picture.save(arguments.save / f"{font.stem}-{hand}-{number}.png")
                found.append(_outcome(hand, font.stem, text, picture))
    for name in dict.fromkeys(outcome.font for outcome in found):
        _print({"font": name}, [outcome for outcome in found if outcome.font == name], arguments.right)
    for name in _HANDS:
        _print({"hand": name}, [outcome for outcome in found if outcome.hand == name], arguments.right)
    for outcome in found:
        if outcome.said and outcome.precision < arguments.right:
            print(json.dumps({"pretends": f"{outcome.font}, {outcome.hand}", **_rates(outcome)}))
    _print({"hand": "all", "cpu_seconds": round(time.process_time(), 1)}, found, arguments.right)


def written(text: str, font: Path, wavering: float, seed: int) -> Image.Image:
    """Return a picture of the text in a hand.

    Args:
        text: of one paragraph.
        font: its file.
        wavering: how far letters and lines waver; 0 is the font itself on a photographed page.
        seed: of everything that is left to chance.
    """
    chance = random.Random(f"{font.stem} {seed}")
    face = ImageFont.truetype(font, _height(font))
    page = Image.new("L", _SIZE, 255)
    pen = ImageDraw.Draw(page)
    y = 60.0
    for line in _lines(text, face):
        x, slope = 70.0 + chance.uniform(0, 12 * wavering), chance.uniform(-0.012, 0.012) * wavering
        for letter in line:
            drop = slope * x + chance.gauss(0, 1.6 * wavering)
            pen.text((x, y + drop), letter, font=face, fill=chance.randrange(20, 70))
            x += face.getlength(letter) * (1 + chance.gauss(0, 0.03 * wavering))
        y += 1.5 * face.size
    bent = _bent(page.crop((0, 0, _SIZE[0], min(_SIZE[1], int(y) + 60))), wavering, chance)
    return _photographed(bent, seed)


def _height(font: Path) -> int:
    """Return the size at which the font's small letters are as high as those of an ordinary hand at 150 dpi."""
    left_top_right_bottom = ImageFont.truetype(font, 100).getbbox("x")
    return max(20, int(100 * 20 / max(1.0, left_top_right_bottom[3] - left_top_right_bottom[1])))


def _lines(text: str, face: ImageFont.FreeTypeFont) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and face.getlength(f"{line} {word}") > _SIZE[0] - 160:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    yield line


def _bent(page: Image.Image, wavering: float, chance: random.Random) -> Image.Image:
    """Return the page with its writing slanted and bent in waves, as a moving hand does it."""
    slant, phase = chance.uniform(-0.1, 0.2) * wavering / 2, chance.uniform(0, 6)
    ink = np.asarray(page)
    rows, columns = np.indices(ink.shape)
    across = columns + slant * (rows - page.height / 2) + 1.5 * wavering * np.sin(rows / 17 + phase)
    down = rows + 2.0 * wavering * np.sin(columns / 90 + phase) + 0.8 * wavering * np.sin(columns / 23 + 2 * phase)
    within = (across >= 0) & (across < ink.shape[1] - 1) & (down >= 0) & (down < ink.shape[0] - 1)
    bent = np.full(ink.shape, 255, np.uint8)
    bent[within] = ink[down[within].astype(int), across[within].astype(int)]
    return Image.fromarray(bent)


def _photographed(page: Image.Image, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed)
    pixels = np.asarray(page.filter(ImageFilter.GaussianBlur(0.7)), dtype=float)
    light = np.linspace(0.86, 1.0, pixels.shape[1])[None, :]
    return Image.fromarray(np.clip(pixels * light + noise.normal(0, 6, pixels.shape), 0, 255).astype(np.uint8))


def _outcome(hand: str, font: str, text: str, picture: Image.Image) -> Outcome:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    readings: list[Reading] = []

    def read(image: Image.Image) -> Reading:
        readings.append(read_image(image))
        return readings[-1]

    ref = DocumentRef("benchmark", "note.png", "1", "note.png", "", "image/png")
    document = ImageParser(read).parse(ref, stream.getvalue())
    own = "\n".join(block.text for block in document.blocks if block.kind == "text")
    marked = any(block.kind == "notice" for block in document.blocks)
    (reading,) = readings
    wanted, got = (Counter(_WORD.findall(side.lower())) for side in (text, own or reading.text))
    hits = (wanted & got).total()
    precision = hits / got.total() if got else math.nan
    kept = marked and bool(document.pictures)
    return Outcome(hand, font, hits / wanted.total(), precision, reading.confidence, bool(own), kept)


def _print(row: dict[str, object], outcomes: Sequence[Outcome], right: float) -> None:
    said = [outcome for outcome in outcomes if outcome.said]
    left = [outcome for outcome in outcomes if not outcome.said]
    row |= {"pictures": len(outcomes), "said": len(said), "marked": len(left)}
    row |= {"marked_and_kept": sum(outcome.kept for outcome in left)}
    row |= {"pretending": sum(outcome.precision < right for outcome in said)}
    for name, some in (("said", said), ("marked", left)):
        if some:
            row |= {f"recall_{name}": round(statistics.mean(outcome.recall for outcome in some), 3)}
    print(json.dumps(row))


def _rates(outcome: Outcome) -> dict[str, float]:
    figures = {"recall": outcome.recall, "precision": outcome.precision, "confidence": outcome.confidence}
    return {name: round(value, 3) for name, value in figures.items()}


if __name__ == "__main__":
    main()
