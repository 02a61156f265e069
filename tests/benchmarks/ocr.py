"""Measures OCR on photographed receipts: word recall, totals that were found, seconds of CPU a picture.

Run it as `python -m tests.benchmarks.ocr DIR`; DIR holds `receipts.jsonl`, whose rows name an `image`, its `text` and
its `fields` with the `total`.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import time
from collections import Counter
from pathlib import Path

from PIL import Image, ImageOps

from assistant.parsing.pictures.ocr import read_image

_WORD = re.compile(r"\w+")


def main() -> None:
    """Read every picture and print the figures as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--each", action="store_true", help="print a line for each picture, and the words it lacks")
    parser.add_argument("--limit", type=int, default=None)
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (arguments.directory / "receipts.jsonl").read_text("utf-8").splitlines()]
    recalls: list[float] = []
    seconds: list[float] = []
    confidences: list[float] = []
    doubtful: list[float] = []
    found = words = hits = reliable = 0
    for row in rows[: arguments.limit]:
        started = time.process_time()
        reading = read_image(ImageOps.exif_transpose(Image.open(arguments.directory / row["image"])))
        seconds.append(time.process_time() - started)
        wanted, got = _words(row["text"]), _words(reading.text)
        words, hits = words + wanted.total(), hits + (wanted & got).total()
        recalls.append((wanted & got).total() / max(1, wanted.total()))
        confidences.append(reading.confidence)
        doubtful.append(reading.doubtful)
        reliable += reading.reliable
        has_total = row["fields"]["total"] in reading.text
        found += has_total
        if arguments.each:
            missing = sorted((wanted - got).elements())
            figures = {"recall": round(recalls[-1], 3), "total": has_total, "rotation": reading.rotation}
            print(json.dumps({"image": row["image"], **figures, "missing": missing}))
    summary = {
        "pictures": len(recalls),
        "word_recall": round(hits / max(1, words), 4),
        "mean_recall": round(statistics.mean(recalls), 4),
        "lowest_recall": round(min(recalls), 4),
        "totals_found": found,
        "reliable": reliable,
        "lowest_confidence": round(min(confidences), 3),
        "most_doubtful": round(max(doubtful), 3),
        "cpu_seconds_each": round(statistics.mean(seconds), 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(summary))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


if __name__ == "__main__":
    main()
