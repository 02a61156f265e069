"""What the index costs as it grows, through the whole search path: generated vectors, no embedding.

    python -m tests.benchmarks.index_scale FOLDER [--sizes 10000,100000] [--readers all,tenth] [--homes FOLDER] [--keep]

Each size in a home of its own, filled by one process and searched by another, as after a start of `assistant up`:
chunks written a second, seconds to compact and the longest time that the process stood still meanwhile, seconds to
open, memory, and by group of readers the milliseconds of a search by the retriever (engine, then the catalog's check of
every hit; the questions' vectors are given), by the clock and of CPU, and recall@10 of the vector search against exact
search. The generated corpus is never held as a whole. Writes FOLDER/index_scale.json and FOLDER/index_scale.png after
every size, with the sizes that were there before.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from assistant.app import App, build
from assistant.catalog.documents import NewVersion
from assistant.interfaces import Vectors
from assistant.retrieval import Retriever
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, User, document_id
from tests.benchmarks import generated
from tests.fakes.embedder import FakeEmbedder

QUESTIONS = 300
DEFAULT = "all-MiniLM-L6-v2/int8"
USERS = {"all": LOCAL_OPERATOR, **generated.READERS}
Row = dict[str, Any]


class Asked(FakeEmbedder):
    """An embedder that knows the vectors of the questions, and calls itself as the default one, for `api_load`."""

    def __init__(self, questions: Sequence[generated.Question] = ()) -> None:
        super().__init__(DEFAULT, generated.DIMENSION)
        self._known = {question.text: question.vector for question in questions}

    def embed_query(self, text: str) -> Vectors:
        return self._known[text] if text in self._known else super().embed_query(text)


class Timed:
    """Calls through to a part, and adds the seconds that one of its methods takes."""

    def __init__(self, part: Any, method: str) -> None:
        self._part, self._method = part, method
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        called = getattr(self._part, name)
        if name != self._method:
            return called

        def timed(*given: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return called(*given, **named)
            finally:
                self.seconds += time.perf_counter() - started

        return timed


class Pauses:
    """Notes how long this process's threads stood still at the most."""

    def __init__(self) -> None:
        self._longest, self._over = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        last = time.perf_counter()
        while not self._over.wait(0.01):
            now = time.perf_counter()
            self._longest, last = max(self._longest, now - last), now

    def end(self) -> float:
        """Return it in seconds."""
        self._over.set()
        self._thread.join()
        return round(self._longest, 2)


@contextmanager
def opened(home: Path, embedder: FakeEmbedder) -> Iterator[App]:
    """Open an assistant on the home with this embedder."""
    with build(load_settings(home=home), owns_index=True) as app:
        vars(app)["embedder"] = embedder
        yield app


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def fill(home: Path, size: int) -> Row:
    """Write the corpus into catalog and index, and what is asked of it and found by exact search beside them."""
    corpus = generated.Corpus(size)
    questions = corpus.questions(QUESTIONS)
    truth = generated.truth(corpus, questions)
    seconds = 0.0
    with opened(home, Asked()) as app:
        app.catalog.sources.add("bench", "folder", {"path": "/nonexistent"}, {})
        for block in corpus.blocks():
            refs = [generated.reference(block.first + at) for at in range(len(block.rows) // generated.EACH)]
            for at, ref in enumerate(refs):
                span = slice(at * generated.EACH, (at + 1) * generated.EACH)
                made = generated.chunks(ref, block.words[span])
                started = time.perf_counter()
                app.index.write(ref, made, block.rows[span])
                seconds += time.perf_counter() - started
            app.catalog.documents.make_current(
                [NewVersion(generated.info(ref), "1", "bench", access_from_source=True) for ref in refs]
            )
        row: Row = {"written_per_second": round(corpus.chunks / seconds), "written_mb": round(_memory())}
        pauses = Pauses()
        row["compact_s"] = round(timed(app.index.compact), 1)  # type: ignore[attr-defined]
        row["longest_pause_s"] = pauses.end()
        row["compact_peak_mb"] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    (home / "truth.pickle").write_bytes(pickle.dumps((questions, truth)))  # last: a home without it is not whole
    return row


def serve(home: Path, readers: Sequence[str]) -> Row:
    """Open what `fill` wrote and search it as these kinds of readers."""
    questions, nearest = pickle.loads((home / "truth.pickle").read_bytes())  # noqa: S301 (our own)
    with opened(home, Asked(questions)) as app:
        _ = app.catalog, app.library
        before = _memory()
        row: Row = {"open_s": round(timed(lambda: app.index), 2), "open_mb": round(_memory() - before)}
        row["searches"] = {name: _searched(app, questions, USERS[name]) for name in readers}
        row["searched_mb"] = round(_memory() - before)
        row["searched_private_mb"] = round(psutil.Process().memory_full_info().uss / 2**20)
        for name in readers:
            row["searches"][name]["recall@10"] = _recall(app, questions, USERS[name], nearest[name])
        row["disk_mb"] = round(sum(512 * file.stat().st_blocks for file in (home / "index").rglob("*")) / 2**20)
    return row


def _searched(app: App, questions: Sequence[generated.Question], user: User) -> dict[str, float]:
    """Return percentiles of the search and the mean of its stages, in milliseconds; a first round is not counted."""
    index, library = Timed(app.index, "search"), Timed(app.library, "readable")
    retriever = Retriever(index, app.embedder, library)  # type: ignore[arg-type]
    for question in questions[:20]:
        retriever.search(question.text, user, 10)
    index.seconds = library.seconds = 0.0
    took, worked = [], []
    for one in questions:
        before = time.process_time()
        took.append(timed(lambda text=one.text: retriever.search(text, user, 10)))  # type: ignore[misc]
        worked.append(time.process_time() - before)
    return {
        **{f"p{of}_ms": round(1000 * float(np.percentile(took, of)), 1) for of in (50, 95)},
        **{f"p{of}_cpu_ms": round(1000 * float(np.percentile(worked, of)), 1) for of in (50, 95)},
        "engine_ms": round(1000 * index.seconds / len(took), 1),
        "catalog_ms": round(1000 * library.seconds / len(took), 1),
    }


def _recall(app: App, questions: Sequence[generated.Question], user: User, nearest: Any) -> float:
    right = 0
    numbers: dict[str, int] = {}
    for question, row in zip(questions, nearest.tolist(), strict=True):
        for wanted in row:
            key = wanted // generated.EACH
            numbers[document_id("bench", f"{key:07}.md")] = key
        found = app.index.search(question.vector, "", user, 10)
        named = {numbers.get(hit.document_id, -1) * generated.EACH + hit.chunk.ordinal for hit in found}
        right += len(named & set(row))
    return round(right / nearest.size, 4)


def _memory() -> float:
    return psutil.Process().memory_info().rss / 2**20


def run(size: int, home: Path, readers: str) -> Row:
    """Return what this size costs; a home that is whole is searched as it is."""
    row: Row = defaultdict(dict)
    for stage in ("serve",) if (home / "truth.pickle").exists() else ("fill", "serve"):
        command = [
            sys.executable,
            "-m",
            "tests.benchmarks.index_scale",
            str(home),
            "--stage",
            stage,
            "--sizes",
            str(size),
            "--readers",
            readers,
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        row |= json.loads(done.stdout.splitlines()[-1])
    return {"chunks": size, **row}


def _p95(name: str) -> Callable[[Row], float]:
    return lambda row: row["searches"][name]["p95_ms"]  # type: ignore[no-any-return]


MEMORY: dict[str, Callable[[Row], float]] = {
    "resident": lambda row: row["searched_mb"],
    "on disk": lambda row: row["disk_mb"],
}
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#8250df", "#9a6700")


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw latency and memory against size; both axes have equal steps for equal factors."""
    from PIL import Image, ImageDraw, ImageFont

    asked = [name for name in USERS if all(name in row["searches"] for row in rows)]
    charts = [("p95 of a search, ms", {name: _p95(name) for name in asked}), ("MB", MEMORY)]
    image = Image.new("RGB", (920, 340), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(13)
    for at, (title, lines) in enumerate(charts):
        left, top, right, bottom = at * 460 + 60, 40, at * 460 + 340, 280
        values = [value(row) for value in lines.values() for row in rows]
        low, high = np.log10(max(min(values), 0.1)) - 0.1, np.log10(max(values)) + 0.1
        first, last = np.log10(rows[0]["chunks"]), np.log10(rows[-1]["chunks"])

        def place(row: Row, value: float, box: tuple[float, ...] = (left, right, top, bottom, first, last, low, high)):
            x = box[0] + 15 + (np.log10(row["chunks"]) - box[4]) / max(box[5] - box[4], 1e-9) * (box[1] - box[0] - 30)
            return x, box[3] - (np.log10(max(value, 0.1)) - box[6]) / (box[7] - box[6]) * (box[3] - box[2])

        draw.text((left, top - 26), title, "black", font)
        draw.line([(left, top), (left, bottom), (right, bottom)], "#888888")
        for tick in [base * 10**power for power in range(-1, 6) for base in (1, 3)]:
            if low <= np.log10(tick) <= high:
                y = place(rows[0], tick)[1]
                draw.line([(left, y), (right, y)], "#e4e4e4")
                draw.text((left - 6, y), f"{tick:g}", "#555555", font, anchor="rm")
        for row in rows:
            draw.text((place(row, 1)[0], bottom + 12), f"{row['chunks']:,}", "#555555", font, anchor="mm")
        for number, (name, value) in enumerate(lines.items()):
            spots = [place(row, value(row)) for row in rows]
            draw.line(spots, COLOURS[number], 2)
            for x, y in spots:
                draw.ellipse([x - 3, y - 3, x + 3, y + 3], COLOURS[number])
            draw.text((right + 8, top + 18 * number), name, COLOURS[number], font)
    image.save(path)


def main() -> None:
    """Measure each size, write the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--readers", default=",".join(USERS), help=f"kinds of readers, of {', '.join(USERS)}")
    parser.add_argument("--homes", type=Path, help="where homes are made; default: a temporary folder")
    parser.add_argument("--keep", action="store_true", help="keep the homes, and use those that are there")
    parser.add_argument("--stage", choices=("fill", "serve"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    if given.stage:
        filled = given.stage == "fill"
        print(json.dumps(fill(given.folder, sizes[0]) if filled else serve(given.folder, given.readers.split(","))))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    written = given.folder / "index_scale.json"
    rows: dict[int, Row] = {row["chunks"]: row for row in json.loads(written.read_text())} if written.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        for size in sizes:
            home = (given.homes or Path(temporary)) / f"scale{size}"
            if not (home / "truth.pickle").exists():  # left by a run that was interrupted
                shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True, exist_ok=True)
            # of a home that was kept, what it cost to fill it is known from before
            rows[size] = rows.get(size, {}) | run(size, home, given.readers)
            print(json.dumps(rows[size], indent=2), flush=True)
            ordered = [rows[known] for known in sorted(rows)]
            written.write_text(json.dumps(ordered, indent=2) + "\n")
            plot(ordered, given.folder / "index_scale.png")
            if not given.keep:
                shutil.rmtree(home)


if __name__ == "__main__":
    main()
