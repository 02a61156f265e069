"""What was read in a picture: lines with their places and how far they can be relied on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# Under this mean confidence too many words are wrong: handwriting, an unknown script, a blurred photograph. Measured by
# `tests/benchmarks/scans.py` on pictures made worse: word recall 0.96 from 0.95 on, 0.65 from 0.90 on, 0.33 below.
RELIABLE = 0.90
# Of handwriting the mean says too little: letters that are plain make up for those that are guessed. The share of words
# with a letter that is doubtful (see `ocr`) was 0.01 to 0.10 on receipts, 0.02 to 0.24 where 0.83 of a hand's words and
# more were right, 0.27 to 1 where it was less (`tests/benchmarks/handwriting.py`).
_MAX_DOUBTFUL = 0.25
_FEW = 8  # words; where there are less, one that is doubtful tells little of the others
_GUESSED = 0.6  # a line under this confidence counts as not read
_MAX_UNREAD = 0.5  # of the length of all lines; under it the rest is text to rely on


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of text on one line; `left` to `bottom` in pixels of the picture as it was given.

    `sparse`: it is far too long for what was read in it. Of its `words`, so many are `doubtful`.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float
    sparse: bool = False
    words: int = 0
    doubtful: int = 0

    @property
    def unread(self) -> bool:
        """Whether what was read in it is nothing to count on."""
        return self.sparse or self.confidence < _GUESSED


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: paragraphs of rows of lines. `rotation`: so many degrees clockwise turn the picture upright.

    `confidence` is the mean over the characters, 0 where there are none. `unread` is the share of the text seen, by its
    length, that was not read: it is in a script that the recogniser does not know, or a scrawl. `doubtful` is the share
    of the words that may be wrong.
    """

    paragraphs: tuple[tuple[tuple[Line, ...], ...], ...] = ()
    rotation: int = 0
    confidence: float = 0.0
    unread: float = 0.0
    doubtful: float = 0.0

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
        return self.confidence >= RELIABLE and self.unread < _MAX_UNREAD and self.doubtful < _MAX_DOUBTFUL

    @property
    def seen(self) -> bool:
        """Whether there is any text, be it read or not."""
        return bool(self.paragraphs) or self.unread > 0

    @property
    def incomplete(self) -> bool:
        """Whether it is to be relied on, and yet lacks a part of the text that was not read."""
        return self.reliable and self.unread > 0


def doubtful_share(lines: Iterable[Line]) -> float:
    """Return which share of the lines' words is doubtful, as `Reading.doubtful` has it."""
    words = doubtful = 0
    for line in lines:
        words, doubtful = words + line.words, doubtful + line.doubtful
    return doubtful / max(words, _FEW)
