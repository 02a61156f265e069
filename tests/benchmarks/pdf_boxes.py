"""Measures citation boxes: spans of PDFs are drawn as boxes, and the text under the boxes is read again.

Run it as `python -m tests.benchmarks.pdf_boxes DIR [DIR ...]`. A span counts as exact where PDFium finds under its
boxes just the span's characters, white space and hyphens aside, in any order: files write raised marks apart from their
line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pypdfium2 as pdfium

from assistant.errors import AssistantError
from assistant.parsing.pdf.boxes import _counts, boxes
from assistant.parsing.pdf.file import to_top_left
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pdf.tables import ADDED
from assistant.types import Box, Document, DocumentRef

_INSET = 0.05  # points: PDFium counts a character whose box touches the rectangle


def main() -> int:
    """Draw `--spans` random spans over all PDFs; 1 if fewer than 98 % are exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", type=Path, nargs="+")
    parser.add_argument("--spans", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--failures", action="store_true", help="print every span that is not exact")
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)
    documents = _documents(path for place in arguments.directories for path in sorted(place.rglob("*.pdf")))
    exact = within = 0
    seconds: list[float] = []
    for _ in range(arguments.spans):
        data, document = dice.choice(documents)
        start, end = _span(dice, document)
        began = time.perf_counter()
        found = boxes(data, document, start, end)
        seconds.append(time.perf_counter() - began)
        wanted, got = _key(_own(document, start, end)), _key(_under(data, found))
        missing, more = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
        exact += not missing and not more
        within += not missing
        if (missing or more) and arguments.failures:
            print(document.ref.key, document.page_at(start), repr(wanted), repr(got), sep="\n  ")
    share = exact / arguments.spans
    row = {"documents": len(documents), "spans": arguments.spans, "exact": share, "contained": within / arguments.spans}
    print(json.dumps({**row, "median_seconds": round(sorted(seconds)[len(seconds) // 2], 4)}))
    return 0 if share >= 0.98 else 1


def _documents(paths: object) -> list[tuple[bytes, Document]]:
    found: list[tuple[bytes, Document]] = []
    for path in paths:  # type: ignore[attr-defined]
        ref = DocumentRef("benchmark", path.name, "1", path.name, "", "application/pdf")
        data = path.read_bytes()
        try:
            document = PdfParser().parse(ref, data)
        except AssistantError as error:
            print(f"left out: {error}")
            continue
        if not document.places:
            found.append((data, document))
    return found


def _span(dice: random.Random, document: Document) -> tuple[int, int]:
    """Return a random stretch of 20 to 300 characters of one block, as long as a quote is."""
    long = [block for block in document.blocks if len(block.text) >= 20]
    block = dice.choice(long or document.blocks)
    length = min(dice.randint(20, 300), len(block.text))
    start = block.start + dice.randint(0, len(block.text) - length)
    return start, start + length


def _own(document: Document, start: int, end: int) -> str:
    """Return a stretch without what a table's Markdown adds to the page's text."""
    text = document.text
    for block in document.blocks:
        if block.kind == "table" and block.start < end and start < block.end:
            text = text[: block.start] + ADDED.sub(" ", block.text) + text[block.end :]
    return text[start:end]


def _under(data: bytes, found: tuple[Box, ...]) -> str:
    parts: list[str] = []
    with contextlib.closing(pdfium.PdfDocument(data)) as pdf:
        for box in found:
            page = pdf[box.page - 1]
            a, b, c, d, e, f = to_top_left(page)
            across = abs(a * d - b * c)
            sign = 1 if a * d - b * c > 0 else -1
            corners = [
                (sign * (d * (x - e) - c * (y - f)) / across, sign * (a * (y - f) - b * (x - e)) / across)
                for x, y in ((box.left + _INSET, box.top + _INSET), (box.right - _INSET, box.bottom - _INSET))
            ]
            xs, ys = zip(*corners, strict=True)
            layer = page.get_textpage()
            parts.append(layer.get_text_bounded(min(xs), min(ys), max(xs), max(ys)))
    return "".join(parts)


def _key(text: str) -> str:
    return "".join(filter(_counts, text))


if __name__ == "__main__":
    sys.exit(main())
