"""Measures how much personal data `assistant.telemetry.redact` masks, how much else, and what a line of the log costs.

    python -m tests.benchmarks.pii FILE [--half all|developed|held-out] [--misses] [--json FILE]

FILE holds sentences with marked spans, one JSON object a line: `text`, `spans` (`type`, `start`, `end`), `template_id`.
Sentences of one template are in one half, by the CRC of the template's id. A span counts as found where no character of
its value is left, and a mask as right where it stands for a span of its type.
"""

from __future__ import annotations

import argparse
import json
import re
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.telemetry import redact

MASKS = {
    "EMAIL_ADDRESS": "[mail]",
    "CREDIT_CARD": "[card]",
    "IBAN_CODE": "[iban]",
    "PHONE_NUMBER": "[phone]",
    "IP_ADDRESS": "[ip]",
    "US_SSN": "[ssn]",
}
REPORTED = (*MASKS, "PERSON")


@dataclass(slots=True)
class Result:
    """What was found of each type, and what was masked besides.

    Attributes:
        spans, found: how many of each type there are, and were masked.
        masked, right: how many masks of each type were set, and stand for a span of it.
        missed: type and value of what was not masked.
        microseconds: for a sentence.
    """

    spans: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str]] = field(default_factory=list)
    microseconds: float = 0.0

    def recall(self, kind: str) -> float:
        """Return the share of a type's spans that were masked."""
        return self.found[kind] / max(1, self.spans[kind])

    def precision(self, kind: str) -> float:
        """Return the share of a type's masks that stand for a span of it."""
        return self.right[kind] / max(1, self.masked[kind])


def is_held_out(template: Any) -> bool:
    """Whether sentences of this template were not looked at while the rules were made."""
    return zlib.crc32(str(template).encode()) % 2 == 1


def measure(rows: list[dict[str, Any]]) -> Result:
    """Redact each sentence and compare what is left with its spans."""
    result = Result()
    started = time.process_time()
    lines = [redact(row["text"]) for row in rows]
    result.microseconds = (time.process_time() - started) / max(1, len(rows)) * 1e6
    for row, line in zip(rows, lines, strict=True):
        gone = _gone(row["text"], line)
        for span in row["spans"]:
            kind, (start, end) = span["type"], (span["start"], span["end"])
            result.spans[kind] += 1
            if any(first <= start and end <= last for first, last, _ in gone):
                result.found[kind] += 1
            else:
                result.missed.append((kind, row["text"][start:end]))
        for start, end, mask in gone:
            kind = next(kind for kind, put in MASKS.items() if put == mask)
            spans = (span for span in row["spans"] if span["type"] == kind)
            result.masked[kind] += 1
            result.right[kind] += any(start < span["end"] and span["start"] < end for span in spans)
    return result


def _gone(text: str, line: str) -> list[tuple[int, int, str]]:
    """Return what was masked, as start and end in the text and the mask there."""
    parts = re.split("(" + "|".join(map(re.escape, MASKS.values())) + ")", line)
    kept, masks = parts[::2], parts[1::2]
    found = re.fullmatch("(.+?)".join(map(re.escape, kept)), text, flags=re.DOTALL)
    if found is None:
        raise ValueError(f"more than masks was changed: {line!r}")
    return [(*found.span(number), mask) for number, mask in enumerate(masks, start=1)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--half", choices=("all", "developed", "held-out"), default="all")
    parser.add_argument("--misses", action="store_true", help="print what was not masked")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines()]
    if options.half != "all":
        rows = [row for row in rows if is_held_out(row["template_id"]) == (options.half == "held-out")]
    result = measure(rows)
    print("| type | spans | recall | masks | precision |\n| --- | --- | --- | --- | --- |")
    for kind in REPORTED:
        precision = f"{result.precision(kind):.3f}" if kind in MASKS else "–"
        print(f"| {kind} | {result.spans[kind]} | {result.recall(kind):.3f} | {result.masked[kind]} | {precision} |")
    print(f"\n{len(rows)} sentences, {result.microseconds:.1f} µs each")
    if options.misses:
        for kind, value in result.missed:
            if kind in MASKS:
                print(f"missed {kind}: {value!r}")
    if options.json:
        figures = {kind: [result.spans[kind], result.recall(kind), result.precision(kind)] for kind in REPORTED}
        options.json.write_text(json.dumps({"types": figures, "microseconds": result.microseconds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
