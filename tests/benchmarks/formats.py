"""Measures text fidelity by format: files with text, recall of the expected words, and every failure with its reason.

Run it as `python -m tests.benchmarks.formats DIR`, where DIR holds a `manifest.jsonl` with `file`, `format` and, where
the right text is known, `expected`. Recall counts words as a multiset, in lower case.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import AssistantError
from assistant.parsing.media_types import detect_media_type
from assistant.parsing.process.sandbox import ParserPool
from assistant.registry import load_registry
from assistant.types import DocumentRef

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Outcome:
    """What became of one file; `recall` is None where nobody knows its text."""

    file: str
    characters: int
    recall: float | None
    seconds: float
    error: str


def main() -> None:
    """Parse every file of the manifest and print a line of JSON for each format, the worst files, and the whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--worst", type=int, default=10, help="so many files of the lowest recall")
    parser.add_argument("--failures", action="store_true", help="print every failure")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in (arguments.directory / "manifest.jsonl").read_text("utf-8").splitlines()]
    registry = load_registry()
    found: dict[str, list[Outcome]] = defaultdict(list)
    with ParserPool(1, 2 << 30, 120, 1 << 30) as pool:
        for row in rows:
            path = arguments.directory / row["file"]
            data = path.read_bytes()
            ref = DocumentRef("benchmark", row["file"], "1", path.name, "", detect_media_type(path.name, data))
            started, text, error = time.monotonic(), "", ""
            try:
                text = pool.parse(registry.parser_for(ref).name, ref, data).text
            except AssistantError as problem:
                error = f"{problem.code}: {problem}"
            expected = (arguments.directory / row["expected"]).read_text("utf-8") if row.get("expected") else None
            recall = _recall(expected, text) if expected is not None else None
            found[row["format"]].append(Outcome(row["file"], len(text), recall, time.monotonic() - started, error))
    every = [outcome for outcomes in found.values() for outcome in outcomes]
    for name, outcomes in sorted(found.items()):
        print(json.dumps({"format": name, **_summary(outcomes)}))
    known = sorted((o for o in every if o.recall is not None), key=lambda o: o.recall or 0.0)
    for outcome in known[: arguments.worst]:
        print(json.dumps({"worst": outcome.file, "recall": round(outcome.recall or 0.0, 3), "error": outcome.error}))
    for outcome in every:
        if arguments.failures and outcome.error:
            print(json.dumps({"file": outcome.file, "error": outcome.error}))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = round(sum(usage.ru_utime + usage.ru_stime for usage in used), 1)
    print(json.dumps({"format": "all", **_summary(every), "cpu_seconds": cpu, "peak_mb": used[1].ru_maxrss // 1024}))


def _summary(outcomes: list[Outcome]) -> dict[str, object]:
    recalls = [outcome.recall for outcome in outcomes if outcome.recall is not None]
    row: dict[str, object] = {"files": len(outcomes), "with_text": sum(o.characters > 0 for o in outcomes)}
    if recalls:
        row |= {"known": len(recalls), "median": round(statistics.median(recalls), 3)}
        row |= {"mean": round(statistics.mean(recalls), 3), "min": round(min(recalls), 3)}
    return {**row, "slowest_seconds": round(max(outcome.seconds for outcome in outcomes), 2)}


def _recall(expected: str, text: str) -> float:
    wanted, got = (Counter(_WORD.findall(side.lower())) for side in (expected, text))
    total = wanted.total()
    return (wanted & got).total() / total if total else 1.0


if __name__ == "__main__":
    sys.exit(main())
