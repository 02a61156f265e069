"""Measures parsing: files, megabytes and pages for each second of CPU, and every failure with its reason.

Run it as `python -m tests.benchmarks.parsing DIR`. Every file goes through the parser processes as in ingestion. The
last line says whether every file was parsed or listed (`accounted`); the pool fails a document without text, so that
none of those parsed is empty.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import resource
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from assistant.errors import AssistantError, ParserCrashedError
from assistant.parsing.media_types import detect_media_type
from assistant.parsing.process.sandbox import ParserPool
from assistant.registry import PluginRegistry, load_registry
from assistant.types import DocumentRef


@dataclass
class Tally:
    """What one media type came to."""

    files: int = 0
    parsed: int = 0
    pages: int = 0
    size: int = 0
    characters: int = 0
    cpu_seconds: float = 0.0
    slowest: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)


def main() -> None:
    """Parse every file below a folder and print a line of JSON for each media type."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--memory-mb", type=int, default=2048)
    parser.add_argument("--failures", action="store_true", help="print every failure")
    arguments = parser.parse_args()
    registry = load_registry()
    tallies: dict[str, Tally] = defaultdict(Tally)
    crashes = 0
    paths = sorted(path for path in arguments.directory.rglob("*") if path.is_file())
    started, cpu = time.monotonic(), _cpu()
    with ParserPool(arguments.workers, arguments.memory_mb << 20, arguments.seconds, 1 << 30) as pool:
        for path in paths:
            key = path.relative_to(arguments.directory).as_posix()
            error = _one(pool, registry, key, path.read_bytes(), tallies)
            crashes += isinstance(error, ParserCrashedError)
            if error is not None and arguments.failures:
                print(f"{type(error).__name__}: {error}")
    cpu = _cpu() - cpu
    for media_type, tally in sorted(tallies.items()):
        print(json.dumps({"media_type": media_type, **_row(tally)}))
    accounted = sum(tally.parsed + sum(tally.reasons.values()) for tally in tallies.values())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024  # of the parser processes, which ended
    summary = {"files": len(paths), "accounted": accounted, "parser_crashes": crashes, "peak_mb": peak}
    print(json.dumps({**summary, "seconds": round(time.monotonic() - started, 1), "cpu_seconds": round(cpu, 1)}))


def _one(
    pool: ParserPool, registry: PluginRegistry, key: str, data: bytes, tallies: dict[str, Tally]
) -> AssistantError | None:
    ref = DocumentRef("benchmark", key, "1", key, "", detect_media_type(key, data))
    tally = tallies[ref.media_type]
    tally.files += 1
    started, cpu = time.monotonic(), _parser_cpu()
    try:
        document = pool.parse(registry.parser_for(ref).name, ref, data)
    except AssistantError as error:
        tally.reasons[error.code] += 1
        return error
    finally:
        tally.slowest = max(tally.slowest, time.monotonic() - started)
    tally.cpu_seconds += max(0.0, _parser_cpu() - cpu)
    tally.size += len(data)
    tally.parsed += 1
    tally.pages += len(document.pages)
    tally.characters += len(document.text)
    return None


def _row(tally: Tally) -> dict[str, object]:
    row: dict[str, object] = {"files": tally.files, "parsed": tally.parsed, **tally.reasons}
    if tally.parsed:
        row |= {"mb": round(tally.size / 1e6, 3), "pages": tally.pages, "characters": tally.characters}
        seconds = max(tally.cpu_seconds, 0.01)  # the clock's own step
        row |= {"mb_per_cpu_second": round(tally.size / 1e6 / seconds, 2)}
        row |= {"pages_per_cpu_second": round(tally.pages / seconds, 1)} if tally.pages else {}
    return {**row, "slowest_seconds": round(tally.slowest, 2)}


def _parser_cpu() -> float:
    """Return the CPU seconds of the parser processes that live now."""
    total = 0.0
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            used = child.cpu_times()
            total += used.user + used.system
    return total


def _cpu() -> float:
    """Return the CPU seconds of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    sys.exit(main())
