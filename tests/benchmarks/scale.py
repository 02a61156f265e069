"""What a document costs as there are more of them.

    python -m tests.benchmarks.scale FOLDER [--sizes 1000,10000] [--words N] [--embedder fake] [--temporary FOLDER]

Syncs folders of generated small documents, each size in a process and a home of its own, as `assistant ingest` does:
the first sync, one with nothing changed, one with a hundredth changed, searches, and the removal of all. Writes
FOLDER/scale.json after every size, and from it FOLDER/scale.md, a table, and FOLDER/scale.png, which shows the cost of
a document by size: flat is good. With `--sizes ""`, only those two are made again. CPU time, which counts the parsers'
processes too, is what to compare where other work shares the machine.

`--embedder fake` hashes words in place of the model, so that listing, catalog and index are what is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

import psutil

from assistant.app import App, build
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Access, DocumentRef, SyncReport
from tests.fakes.embedder import FakeEmbedder

QUERIES = 50
WORDS = 90  # of a document
EACH_FOLDER = 500
CHANGED = 100  # one document in so many
SOURCE = "generated"
Row = dict[str, Any]


class Writer:
    """Makes documents of English words that follow about Zipf's law."""

    def __init__(self, folder: Path, each: int = WORDS) -> None:
        self._folder, self._each = folder, each
        self._dice = random.Random(7)
        self._words = sorted(set(re.findall(r"[a-z]{3,}", " ".join(topics.values()))))
        self._dice.shuffle(self._words)
        weights = [1.0 / (number + 10) for number in range(len(self._words))]
        self._cumulative = list(accumulate(weights))

    def words(self, count: int) -> str:
        """Return so many words."""
        return " ".join(self._dice.choices(self._words, cum_weights=self._cumulative, k=count))

    def write(self, number: int, remark: str = "") -> None:
        """Write document `number`."""
        path = self._folder / f"part{number // EACH_FOLDER:04}" / f"note{number:07}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Note {number}{remark}\n\n{self.words(self._each // 2)}\n\n{self.words(self._each // 2)}\n")


@contextmanager
def opened(home: Path, embedder: str) -> Iterator[App]:
    """Open an assistant on `home`, with the embedder chosen and a parser's process started."""
    with build(load_settings(home=home)) as app:
        if embedder == "fake":
            vars(app)["embedder"] = FakeEmbedder("fake/384", 384)
        ref = DocumentRef(SOURCE, "warm.md", "1", "", "", "text/markdown", Access(frozenset()))
        app.parsers.parse(app.registry.parser_for(ref).name, ref, b"# Started before the clock")
        yield app


def synced(app: App, mark: Callable[[int], None] = lambda _: None) -> tuple[SyncReport, Row]:
    """Sync and return the report and what it cost."""
    cpu, started = _cpu(), time.perf_counter()
    report = app.ingestor.sync(SOURCE, "cli", lambda progress: mark(progress.done))
    seconds = time.perf_counter() - started
    phases = app.catalog.runs.get(report.run_id).phases
    return report, {"seconds": round(seconds, 3), "cpu_seconds": round(_cpu() - cpu, 3), "phases": dict(phases)}


def _cpu() -> float:
    """Return the CPU seconds of this process, of its parsers that live and of those that have ended."""
    own = psutil.Process()
    living = sum(sum(process.cpu_times()[:2]) for process in own.children(recursive=True))
    return living + sum(own.cpu_times()[:4])


def searched(app: App, writer: Writer) -> Row:
    """Return the milliseconds of searches."""
    app.retriever.search("warm up", LOCAL_OPERATOR, 10)
    seconds = []
    for _ in range(QUERIES):
        query = writer.words(4)
        started = time.perf_counter()
        app.retriever.search(query, LOCAL_OPERATOR, 10)
        seconds.append(time.perf_counter() - started)
    seconds.sort()
    return {"p50_ms": round(1000 * seconds[QUERIES // 2], 2), "p95_ms": round(1000 * seconds[QUERIES * 95 // 100], 2)}


def disk(folder: Path) -> dict[str, float]:
    """Return the megabytes that each part of the home takes on the disk, folders included."""
    sizes: dict[str, float] = {}
    for path in folder.rglob("*"):
        part = path.relative_to(folder).parts[0].split(".")[0]
        sizes[part] = sizes.get(part, 0.0) + 512 * path.lstat().st_blocks / 2**20
    return {part: round(size, 1) for part, size in sorted(sizes.items())}


def measured(size: int, embedder: str, words: int, folder: Path) -> Row:
    """Generate `size` documents below `folder` and return what they cost. Measures the memory of this process."""
    documents, home = folder / "documents", folder / "home"
    writer = Writer(documents, words)
    for number in range(size):
        writer.write(number)
    row: Row = {"documents": size, "embedder": embedder, "words": words}
    row["load_average"] = [round(load, 2) for load in os.getloadavg()]
    moments: list[tuple[int, float, float]] = []
    step = max(1, size // 10)

    def mark(done: int) -> None:
        if done % step == 0:
            moments.append((done, time.perf_counter(), _cpu()))

    with opened(home, embedder) as app:
        app.catalog.sources.add(SOURCE, "folder", {"path": str(documents)}, {})
        _ = app.ingestor
        mark(0)
        report, row["first"] = synced(app, mark)
        assert (report.added, report.failed) == (size, 0), report
        row["chunks"] = report.chunks
        row["search_fresh"] = searched(app, writer)
        closing = time.perf_counter()
    row["close_seconds"] = round(time.perf_counter() - closing, 2)
    row["ms_each_by_tenths"] = [round(1000 * (t - s) / (b - a), 2) for (a, s, _), (b, t, _) in pairwise(moments)]
    row["cpu_ms_each_by_tenths"] = [round(1000 * (t - s) / (b - a), 2) for (a, _, s), (b, _, t) in pairwise(moments)]
    row["peak_rss_mb_first"] = _peak()
    row["disk_mb"] = disk(home)
    with opened(home, embedder) as app:
        opening = time.perf_counter()
        _ = app.index
        row["open_seconds"] = round(time.perf_counter() - opening, 2)
        row["search"] = searched(app, writer)
        report, row["unchanged"] = synced(app)
        assert (report.unchanged, report.added, report.updated) == (size, 0, 0), report
    for number in range(0, size, CHANGED):
        writer.write(number, " edited")
    with opened(home, embedder) as app:
        report, row["hundredth"] = synced(app)
        assert (report.unchanged, report.updated) == (size - len(range(0, size, CHANGED)), size // CHANGED), report
        cpu, started = _cpu(), time.perf_counter()
        assert app.ingestor.remove(SOURCE) == size
        row["removal"] = {"seconds": round(time.perf_counter() - started, 3), "cpu_seconds": round(_cpu() - cpu, 3)}
        assert (app.index.counts().chunks, next(iter(app.blobs.keys("")), None)) == (0, None)
    row["peak_rss_mb"] = _peak()
    return row | of_each(row, size)


def of_each(row: Row, size: int) -> Row:
    """Return what each of the documents costs."""
    more = row["hundredth"]["cpu_seconds"] - row["unchanged"]["cpu_seconds"]
    return {
        "ms_each": round(1000 * row["first"]["seconds"] / size, 3),
        "cpu_ms_each": round(1000 * row["first"]["cpu_seconds"] / size, 3),
        "unchanged_share": round(row["unchanged"]["seconds"] / row["first"]["seconds"], 4),
        "unchanged_cpu_ms_each": round(1000 * row["unchanged"]["cpu_seconds"] / size, 4),
        "changed_cpu_ms_each": round(1000 * more / (size // CHANGED), 2) if size >= CHANGED else None,
        "disk_kb_each": round(1024 * sum(row["disk_mb"].values()) / size, 2),
    }


def _peak() -> int:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def in_its_own_process(size: int, embedder: str, words: int, temporary: Path | None) -> Row:
    """Measure a size in a fresh process, so that its memory is its own."""
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        command = [sys.executable, "-m", __spec__.name, folder, "--one", str(size)]
        command += ["--embedder", embedder, "--words", str(words)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


CHARTS = (
    ("first sync, CPU ms a document", lambda row: row["cpu_ms_each"]),
    ("nothing changed, CPU ms a document", lambda row: row["unchanged_cpu_ms_each"]),
    ("one of 100 changed, CPU ms a changed one", lambda row: row["changed_cpu_ms_each"] or 0.0),
    ("search p95, ms", lambda row: row["search"]["p95_ms"]),
    ("peak memory, MB", lambda row: row["peak_rss_mb"]),
    ("disk, KB a document", lambda row: row["disk_kb_each"]),
)
COLOURS = {"onnx": "#1f6feb", "fake": "#d1242f"}


def plot(rows: list[Row], path: Path) -> None:
    """Draw a panel a figure over the sizes; the axis of sizes has equal steps."""
    from PIL import Image, ImageDraw, ImageFont

    width, height, margin = 460, 300, 56
    image = Image.new("RGB", (3 * width, 2 * height + 30), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(14)
    sizes = sorted({row["documents"] for row in rows})
    for at, (title, value) in enumerate(CHARTS):
        left, top = at % 3 * width + margin, at // 3 * height + 40
        right, bottom = left + width - 1.6 * margin, top + height - 90
        most = 1.15 * max([value(row) for row in rows] + [1e-9])
        draw.text((left, top - 26), title, "black", font)
        draw.line([(left, top), (left, bottom), (right, bottom)], "#888888")
        for share in (0.5, 1.0):
            y = bottom - share / 1.15 * (bottom - top)
            draw.line([(left, y), (right, y)], "#e4e4e4")
            draw.text((left - 6, y), f"{share * most / 1.15:,.4g}", "#555555", font, anchor="rm")
        places = {
            size: left + (number + 0.5) * (right - left) / len(sizes) for number, size in enumerate(sizes)
        }  # fmt: skip
        for size, x in places.items():
            draw.text((x, bottom + 12), f"{size:,}", "#555555", font, anchor="mm")
        for name, colour in COLOURS.items():
            of_it = sorted((row for row in rows if row["embedder"] == name), key=lambda row: row["documents"])
            points = [(places[row["documents"]], bottom - value(row) / most * (bottom - top)) for row in of_it]
            if len(points) > 1:
                draw.line(points, colour, 2)
            for x, y in points:
                draw.ellipse([x - 4, y - 4, x + 4, y + 4], colour)
    shown = [name for name in COLOURS if any(row["embedder"] == name for row in rows)]
    for at, name in enumerate(shown):
        draw.text((20 + 160 * at, 2 * height + 8), f"embedder: {name}", COLOURS[name], font)
    image.save(path)


COLUMNS = (
    ("documents", lambda row: f"{row['documents']:,}"),
    ("embedder", lambda row: row["embedder"]),
    ("first sync, CPU ms each", lambda row: f"{row['cpu_ms_each']:.1f}"),
    ("the same, clock", lambda row: f"{row['ms_each']:.1f}"),
    ("nothing changed, CPU ms each", lambda row: f"{row['unchanged_cpu_ms_each']:.2f}"),
    ("share of the first", lambda row: f"{100 * row['unchanged']['cpu_seconds'] / row['first']['cpu_seconds']:.1f} %"),
    ("search p50 / p95, ms", lambda row: f"{row['search']['p50_ms']:.0f} / {row['search']['p95_ms']:.0f}"),
    ("peak memory, MB", lambda row: f"{row['peak_rss_mb']:,}"),
    ("disk, KB each", lambda row: f"{row['disk_kb_each']:.1f}"),
    ("removal, CPU ms each", lambda row: f"{1000 * row['removal']['cpu_seconds'] / row['documents']:.1f}"),
)


def table(rows: list[Row]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [[name for name, _ in COLUMNS], ["---"] * len(COLUMNS)]
    lines += [[str(cell(row)) for _, cell in COLUMNS] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def main() -> int:
    """Measure the sizes one after another; sizes that are in FOLDER/scale.json already stay there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="takes scale.json and scale.png")
    parser.add_argument("--sizes", default="1000,10000", help="e.g. 1000,10000,30000,100000")
    parser.add_argument("--embedder", choices=["onnx", "fake"], default="onnx")
    parser.add_argument("--words", type=int, default=WORDS, help="of a document")
    parser.add_argument("--temporary", type=Path, help="where the documents and homes are made")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(arguments.one, arguments.embedder, arguments.words, arguments.folder)))
        return 0
    arguments.folder.mkdir(parents=True, exist_ok=True)
    target = arguments.folder / "scale.json"
    rows: list[Row] = json.loads(target.read_text()) if target.exists() else []
    for size in map(int, filter(None, arguments.sizes.split(","))):
        row = in_its_own_process(size, arguments.embedder, arguments.words, arguments.temporary)
        same = (size, arguments.embedder)
        rows = [*(old for old in rows if (old["documents"], old["embedder"]) != same), row]
        rows.sort(key=lambda row: (row["embedder"], row["documents"]))
        target.write_text(json.dumps(rows, indent=1))
        print(json.dumps(row), flush=True)
    (arguments.folder / "scale.md").write_text(table(rows))
    plot(rows, arguments.folder / "scale.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
