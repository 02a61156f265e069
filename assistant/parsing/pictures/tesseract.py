"""Asks tesseract, where it is installed, which way up a picture is and what lines of other scripts say."""

from __future__ import annotations

import csv
import functools
import re
import shutil
import subprocess
from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.parsing.builder import clean
from assistant.parsing.deadline import seconds_left

if TYPE_CHECKING:
    from PIL.Image import Image

_OSD_SECONDS = 10
_READ_SECONDS = 15
_MIN_CONFIDENCE = 1.0  # of the orientation
_SHARE = 0.2  # of the time that is left for a document
_MAX_LINES = 100
_MAX_PACKS = 3
_FEW_SCRIPTS = 3  # whose packs are all tried together where it is not known which script it is
_LINE_HEIGHT = 48  # pixels that tesseract reads well and fast
_MARGIN = 8
_SPACE = 0.3  # of a line's height: a gap between words in scripts whose words tesseract takes apart
_ROTATE = re.compile(rb"Rotate:\s*(\d+)")
_ORIENTATION_CONFIDENCE = re.compile(rb"Orientation confidence:\s*([\d.]+)")
_SCRIPT = re.compile(rb"Script:\s*(\w+)")
_PARTED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3130-\u318f\uac00-\ud7af]")
# The language packs of the scripts that the recogniser's own models do not read, or read badly.
_PACKS = {
    "Arabic": ("ara", "fas", "urd", "pus", "snd", "uig"),
    "Armenian": ("hye",),
    "Bengali": ("ben", "asm"),
    "Cyrillic": ("rus", "ukr", "bel", "bul", "srp", "mkd", "kaz", "kir", "tgk", "mon"),
    "Devanagari": ("hin", "mar", "nep", "san"),
    "Ethiopic": ("amh", "tir"),
    "Georgian": ("kat",),
    "Greek": ("ell", "grc"),
    "Gujarati": ("guj",),
    "Gurmukhi": ("pan",),
    "Hangul": ("kor",),
    "Hebrew": ("heb", "yid"),
    "Kannada": ("kan",),
    "Khmer": ("khm",),
    "Lao": ("lao",),
    "Malayalam": ("mal",),
    "Myanmar": ("mya",),
    "Oriya": ("ori",),
    "Sinhala": ("sin",),
    "Tamil": ("tam",),
    "Telugu": ("tel",),
    "Thai": ("tha",),
    "Tibetan": ("bod", "dzo"),
}
# Names of tesseract's for a script. What it takes for Han or Japanese in lines that the recogniser, which knows both,
# could not read, is Korean.
_TAKEN_FOR = {"Korean": "Hangul", "Japanese": "Hangul", "Han": "Hangul"}


def orientation(image: Image) -> int:
    """Return the turn that tesseract suggests where it is installed and sure, else 0."""
    found = _run(["--psm", "0"], _png(image), _OSD_SECONDS)
    rotate, sure = _ROTATE.search(found), _ORIENTATION_CONFIDENCE.search(found)
    if rotate is None or sure is None or float(sure[1]) < _MIN_CONFIDENCE:
        return 0
    return int(rotate[1]) % 360 if int(rotate[1]) % 90 == 0 else 0


def read_lines(image: Image, boxes: Sequence[tuple[float, float, float, float]]) -> list[tuple[str, float]]:
    """Return the text and the confidence (0 to 1) of each line, empty where there is no language pack for its script.

    Args:
        image: upright, in RGB.
        boxes: left, top, right and bottom of each line.
    """
    if not boxes or not _installed_packs():
        return [("", 0.0)] * len(boxes)
    pieces = [_piece(image, box) for box in boxes[:_MAX_LINES]]
    packs = _packs(pieces)
    if not packs:
        return [("", 0.0)] * len(boxes)
    stack = BytesIO()
    pieces[0].save(stack, "TIFF", save_all=True, append_images=pieces[1:])
    table = _run(["-l", "+".join(packs), "--psm", "7", "tsv"], stack.getvalue(), _READ_SECONDS)
    words: list[list[_Word]] = [[] for _ in boxes]
    for row in csv.DictReader(table.decode("utf-8", "replace").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = clean(row.get("text") or "").strip()
        if text and (number := int(row["page_num"])) <= len(pieces):
            left = int(row["left"])
            words[number - 1].append((text, float(row["conf"]) / 100, left, left + int(row["width"])))
    return [_joined(line) for line in words]


_Word = tuple[str, float, int, int]  # text, confidence, left, right


def _joined(words: Sequence[_Word]) -> tuple[str, float]:
    """Return the words as a line; those of scripts that tesseract takes apart only where there is a gap."""
    text, right = "", 0
    for word, _, left, end in words:
        close = text and max(left - right, 0) < _SPACE * _LINE_HEIGHT
        apart = "" if not text or (close and _PARTED.match(text[-1]) and _PARTED.match(word[0])) else " "
        text, right = text + apart + word, end
    letters = sum(len(word) for word, *_ in words)
    return text, sum(len(word) * sure for word, sure, *_ in words) / letters if letters else 0.0


def _piece(image: Image, box: tuple[float, float, float, float]) -> Image:
    """Return a line of a picture in black and white with a margin, in the height that tesseract likes."""
    from PIL import ImageOps

    left, top, right, bottom = box
    line = image.crop((round(left), round(top), max(round(right), round(left) + 1), max(round(bottom), round(top) + 1)))
    scale = _LINE_HEIGHT / line.height
    line = line.convert("L").resize((max(1, round(line.width * scale)), _LINE_HEIGHT))
    border = sorted(line.crop((0, 0, line.width, 1)).tobytes() + line.crop((0, 0, 1, line.height)).tobytes())
    paper = border[len(border) // 2]
    return ImageOps.expand(line if paper >= 128 else ImageOps.invert(line), _MARGIN, max(paper, 255 - paper))


def _packs(pieces: Sequence[Image]) -> list[str]:
    """Return the language packs for the script that tesseract sees in the lines, else all if they are few."""
    installed = _installed_packs()
    chosen = [pack for packs in installed.values() for pack in packs] if len(installed) <= _FEW_SCRIPTS else []
    if len(installed) > 1 and (seen := _SCRIPT.search(_run(["--psm", "0"], _png(_stacked(pieces)), _OSD_SECONDS))):
        name = seen[1].decode()
        chosen = installed.get(_TAKEN_FOR.get(name, name), chosen)
    return [*chosen[:_MAX_PACKS], *(["eng"] if chosen and "eng" in _installed(shutil.which("tesseract") or "") else [])]


def _stacked(pieces: Sequence[Image]) -> Image:
    from PIL import Image as Pillow

    page = Pillow.new("L", (max(piece.width for piece in pieces), sum(piece.height for piece in pieces)), "white")
    top = 0
    for piece in pieces:
        page.paste(piece, (0, top))
        top += piece.height
    return page


def _installed_packs() -> dict[str, list[str]]:
    """Return the language packs that are installed, by script."""
    there = _installed(shutil.which("tesseract") or "")
    return {script: found for script, names in _PACKS.items() if (found := _best(script, names, there))}


def _best(script: str, names: Sequence[str], there: frozenset[str]) -> list[str]:
    whole = f"script/{script}"
    return [whole] if whole in there else [name for name in names if name in there]


@functools.cache
def _installed(program: str) -> frozenset[str]:
    if not program:
        return frozenset()
    return frozenset(_called([program, "--list-langs"], b"", _OSD_SECONDS).decode("utf-8", "replace").split())


def _png(image: Image) -> bytes:
    picture = BytesIO()
    image.convert("L").save(picture, "PNG")
    return picture.getvalue()


def _run(options: Sequence[str], picture: bytes, seconds: float) -> bytes:
    """Return what tesseract says of a picture, nothing where it is not installed or fails."""
    program = shutil.which("tesseract")
    return _called([program, "stdin", "stdout", *options], picture, seconds) if program else b""


def _called(command: Sequence[str], data: bytes, seconds: float) -> bytes:
    try:
        # A fixed command; the picture goes in by a pipe.
        done = subprocess.run(  # noqa: S603
            command, input=data, capture_output=True, timeout=min(seconds, _SHARE * seconds_left()), check=False
        )
    except (subprocess.SubprocessError, OSError):
        return b""
    return done.stdout
