"""Measures how far OCR's confidence tells whether its words are right: recall and precision by class of confidence.

Run it as `python -m tests.benchmarks.scans DIR...`. A DIR holds `receipts.jsonl`, whose rows name an `image` and its
`text`, or PDFs of one picture a page with the text in `expected/NAME*.md`. Each picture is read as it is and made
worse: smaller, blurred, noisy, askew. Words count as a multiset, in lower case.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter, ImageOps

from assistant.parsing.pictures.ocr import read_image

_WORD = re.compile(r"\w+")
_CLASSES = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.01)
_DPI = 200


def main() -> None:
    """Read the pictures and print a line of JSON for each class of confidence and each way to make them worse."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directories", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=5, help="pictures of each directory")
    parser.add_argument("--seconds", type=float, default=600, help="of CPU, after which no picture is begun")
    arguments = parser.parse_args()
    found: list[tuple[str, float, float, float]] = []
    kept: list[tuple[str, float, float, float]] = []
    for directory in arguments.directories:
        for image, text in list(_pictures(directory))[: arguments.limit]:
            for name, picture in _variants(image):
                if time.process_time() < arguments.seconds:
                    reading = read_image(picture)
                    found.append((name, reading.confidence, *_rates(text, reading.text)))
                    kept += found[-1:] if reading.reliable else []
    for low, high in itertools.pairwise(_CLASSES):
        rows = [row for row in found if low <= row[1] < high]
        print(json.dumps({"confidence": f"{low:.2f}-{min(high, 1.0):.2f}", **_summary(rows)}))
    by_name: dict[str, list[tuple[str, float, float, float]]] = defaultdict(list)
    for row in found:
        by_name[row[0]].append(row)
    for name, rows in by_name.items():
        print(
            json.dumps({"variant": name, "confidence": round(statistics.mean(r[1] for r in rows), 3), **_summary(rows)})
        )
    print(json.dumps({"reliable": len(kept), **_summary(kept), "left_out": len(found) - len(kept)}))
    print(json.dumps({"cpu_seconds": round(time.process_time(), 1)}))


def _pictures(directory: Path) -> Iterator[tuple[Image.Image, str]]:
    """Yield pictures and their texts."""
    rows = directory / "receipts.jsonl"
    for line in rows.read_text("utf-8").splitlines() if rows.exists() else ():
        row = json.loads(line)
        yield ImageOps.exif_transpose(Image.open(directory / row["image"])).convert("RGB"), row["text"]
    for path in sorted(directory.rglob("*.pdf")):
        texts = sorted(path.parent.glob(f"expected/{path.stem}.*md"))
        if texts:
            with pypdfium2.PdfDocument(path) as pdf:
                image = pdf[0].render(scale=_DPI / 72).to_pil().convert("RGB")
            yield image, re.sub(r"<!--.*?-->", "", texts[0].read_text("utf-8"))


def _variants(image: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    yield "as it is", image
    yield "askew", image.rotate(8, expand=True, fillcolor="white")
    for times in (3, 4, 5):
        yield f"smaller by {times}", image.reduce(times)
    for share in (500, 420, 360, 320, 280):
        yield f"blurred by 1/{share}", image.filter(ImageFilter.GaussianBlur(max(image.size) / share))
    for strength in (40, 60, 80, 100):
        yield f"half and noise of {strength}", _noisy(image.reduce(2), strength)


def _noisy(image: Image.Image, strength: int) -> Image.Image:
    noise = np.random.default_rng(7).normal(0, strength, (image.height, image.width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def _rates(expected: str, text: str) -> tuple[float, float]:
    """Return which share of the right words was read, and which share of the read words is right."""
    wanted, got = (Counter(_WORD.findall(side.lower())) for side in (expected, text))
    hits = (wanted & got).total()
    return hits / max(1, wanted.total()), hits / got.total() if got else 0.0


def _summary(rows: list[tuple[str, float, float, float]]) -> dict[str, object]:
    if not rows:
        return {"pictures": 0}
    return {
        "pictures": len(rows),
        "recall": round(statistics.mean(row[2] for row in rows), 3),
        "lowest_recall": round(min(row[2] for row in rows), 3),
        "precision": round(statistics.mean(row[3] for row in rows), 3),
        "lowest_precision": round(min(row[3] for row in rows), 3),
    }


if __name__ == "__main__":
    main()
