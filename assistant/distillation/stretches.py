"""Chooses where in a document questions are asked about, and how many."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from assistant.distillation.outcomes import Options
from assistant.types import Document

_CHARACTERS = 6000  # of a stretch: a few pages, so that the teacher reads closely
_LEAST = 80  # characters that are worth a question
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a document, and how many questions are wanted of it that it answers, and that it does not."""

    start: int
    end: int
    answerable: int
    unanswerable: int


def stretches(document: Document, options: Options) -> list[Stretch]:
    """Return the stretches, in order; together they have as many questions as a document is to give.

    Which ones of a long document depends on the seed and the document's id.
    """
    text = document.own_text
    spans = [(low, high) for low, high in _spans(text) if len("".join(text[low:high].split())) >= _LEAST]
    name = document.ref.id
    chosen = random.Random(f"{options.seed} {name}").sample(range(len(spans)), min(len(spans), options.questions))  # noqa: S311 (no secret)
    kinds = [options.share(name, "kind", str(number)) < options.unanswerable for number in range(options.questions)]
    found = []
    for place, span in enumerate(sorted(chosen)):
        mine = kinds[place :: len(chosen)]
        found.append(Stretch(*spans[span], len(mine) - sum(mine), sum(mine)))
    return found


def _spans(text: str) -> list[tuple[int, int]]:
    """Return the text in stretches that end at paragraphs, or at blanks where a paragraph is too long."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = min(len(text), start + _CHARACTERS)
        if end < len(text):
            ends = [mark.end() for mark in _PARAGRAPH.finditer(text, start + _CHARACTERS // 2, end)]
            blank = text.rfind(" ", start + _CHARACTERS // 2, end)
            end = ends[-1] if ends else (blank + 1 if blank > 0 else end)
        found.append((start, end))
        start = end
    return found
