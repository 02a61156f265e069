"""Runs one system on one corpus in this process and writes what it found and cost: `child SYSTEM FOLDER OUT.json`.

Costs are those of this process and of the processes that it started, in three phases: start (imports and loading the
model), indexing, and the searches. A search is timed from the text of the query to the ids, with its embedding.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import psutil

from tests.benchmarks.beir import read_qrels
from tests.benchmarks.peers.common import DEPTH, make_system, read_corpus, read_queries

_SAMPLE_SECONDS = 0.05
_WARM_UP = 3  # searches that are not timed: the first opens what is opened lazily


class Meter:
    """CPU seconds and peak memory of this process and those below it.

    Memory is the sum of each process's proportional share (PSS), so that shared libraries count once. What looking
    costs is left out of the CPU seconds: it grows with the wall clock's time, and so with other work on the machine.
    """

    def __init__(self) -> None:
        self._process = psutil.Process()
        self.peak_bytes = 0
        self._looking = 0.0  # CPU seconds
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def cpu(self) -> float:
        """Return the CPU seconds so far, of living and of ended processes."""
        spent = os.times()
        total = spent.user + spent.system + spent.children_user + spent.children_system - self._looking
        for child in self._process.children(recursive=True):
            try:
                times = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            family = [self._process, *self._process.children(recursive=True)]
            self.peak_bytes = max(self.peak_bytes, sum(_resident(one, alone=len(family) == 1) for one in family))
            self._looking = time.thread_time()

    def stop(self) -> None:
        """End the watching."""
        self._done.set()
        self._thread.join()


def _resident(process: psutil.Process, *, alone: bool) -> int:
    try:
        return process.memory_info().rss if alone else process.memory_full_info().pss
    except psutil.Error:
        return 0


def remember_queries() -> None:
    """Embed no single text twice from now on: the other modes, whose time is not measured, ask the same queries."""
    library = sys.modules.get("sentence_transformers")
    if library is None:
        return
    encode, known = library.SentenceTransformer.encode, {}

    def remembering(model, inputs, *arguments, **options):
        text = inputs if isinstance(inputs, str) else inputs[0] if len(inputs) == 1 else None
        if not isinstance(text, str):
            return encode(model, inputs, *arguments, **options)
        key = (text, isinstance(inputs, str))
        if key not in known:
            known[key] = encode(model, inputs, *arguments, **options)
        return known[key]

    library.SentenceTransformer.encode = remembering


def _ask(system, queries: dict[str, str], times: list[float] | None = None) -> dict[str, list[str]]:
    found = {}
    for key, text in queries.items():
        start = time.perf_counter()
        found[key] = system.search(text, DEPTH)
        if times is not None:
            times.append(time.perf_counter() - start)
    return found


def run(name: str, folder: Path) -> dict:
    """Return the rankings by mode, the costs by phase, and every search's seconds."""
    meter = Meter()
    corpus = read_corpus(folder)
    queries = read_queries(folder, read_qrels(folder / "qrels.tsv"))
    marks = [(meter.cpu(), time.perf_counter())]

    def mark() -> None:
        marks.append((meter.cpu(), time.perf_counter()))

    system = make_system(name)
    mark()
    system.index(corpus)
    mark()
    for text in list(queries.values())[:_WARM_UP]:
        system.search(text, DEPTH)
    mark()
    seconds: list[float] = []
    rankings = {system.mode: _ask(system, queries, seconds)}
    mark()
    meter.stop()
    remember_queries()
    for mode in system.modes[1:]:
        system.mode = mode
        rankings[mode] = _ask(system, queries)
    system.close()
    phases = ("start", "index", "warm", "search")
    return {
        "system": name,
        "set": folder.name,
        "documents": len(corpus),
        "cpu": {p: round(b[0] - a[0], 3) for p, a, b in zip(phases, marks, marks[1:], strict=False)},
        "seconds": {p: round(b[1] - a[1], 3) for p, a, b in zip(phases, marks, marks[1:], strict=False)},
        "peak_mb": round(meter.peak_bytes / 1e6),
        "latencies": [round(one, 5) for one in seconds],
        "rankings": rankings,
    }


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(run(sys.argv[1], Path(sys.argv[2]))), encoding="utf-8")
