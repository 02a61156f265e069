"""Rewrites a copy of an Edge shard for quick searches in a process of its own, and brings the copy level afterwards.

The engine holds the interpreter's lock while it rewrites: a process that serves would stand still for minutes. So the
copy is rewritten by `python -m assistant.adapters.edge_compaction` (see `main`) at low priority; only loading the
result takes the lock. Where a graph is built, its recall is measured there, and a graph that loses too much is not
used.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.adapters import edge_recall, points, recall, search_plan, stored_points
from assistant.adapters import owner_wire as wire
from assistant.adapters.edge_folder import make_config
from assistant.errors import IndexUnavailableError, VectorIndexError
from assistant.types.recall import Recall

_AT_ONCE = 50  # documents whose points are brought over together
_AS_IT_WAS = "searches go on on it as it was"
_NICENESS = 10
_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.2
_TOLD = 500  # characters of what a failed process said


@dataclass(frozen=True, slots=True)
class Layout:
    """A shard's vectors: the lengths of chunks' and pictures' (None for none), and whether words are weighed, too."""

    dimension: int
    pictures: int | None = None
    weighed: bool = False

    def config(self, *, graph: bool) -> Any:
        """Return the engine's configuration."""
        return make_config(self.dimension, self.pictures, graph=graph, weighed=self.weighed)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What became of a shard: whether it has a graph, its recall, and the seconds that it took."""

    has_graph: bool
    recall: Recall
    seconds: float


def rewrite(shard: Path, layout: Layout, should_stop: Callable[[], bool]) -> Rewritten:
    """Rewrite the shard, which no process has open, in a process of its own, and wait for that.

    Args:
        shard: its folder; changed in place.
        layout: its vectors.
        should_stop: asked several times a second.

    Raises:
        VectorIndexError: it failed; the shard is of no use then.
        IndexUnavailableError: it was stopped; likewise.
    """
    try:
        return _report_in(json.loads(_run(shard, layout, should_stop).splitlines()[-1]))
    except (OSError, ValueError, LookupError, TypeError) as error:  # no process to be had
        raise VectorIndexError(f"the index could not be rewritten: {error!r}", _AS_IT_WAS) from error


def _run(shard: Path, layout: Layout, should_stop: Callable[[], bool]) -> bytes:
    """Return what the process says."""
    given = [str(shard), str(layout.dimension), str(layout.pictures or 0), str(int(layout.weighed))]
    command = [sys.executable, "-P", "-m", "assistant.adapters.edge_compaction", *given]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as told:
        # the pipe to its standard input is what tells the process that this one is gone
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=told) as process:  # noqa: S603
            try:
                _await(process, should_stop)
            except BaseException:
                process.kill()
                raise
        said.seek(0)
        told.seek(0)
        out, reason = said.read(), told.read().decode(errors="replace").strip()[-_TOLD:]
    if process.returncode != 0:
        reason = reason or f"it ended with {process.returncode}"
        raise VectorIndexError(f"the index could not be rewritten: {reason}", _AS_IT_WAS)
    return out


def _await(process: subprocess.Popen[bytes], should_stop: Callable[[], bool]) -> None:
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_POLL_SECONDS)
            return
        if should_stop():
            raise IndexUnavailableError("the index was closed while it was rewritten", "it is rewritten another time")


def carry(source: Any, target: Any, documents: Collection[str]) -> None:
    """Make the target hold of these documents exactly what the source holds."""
    from qdrant_edge import FieldCondition, Filter, MatchAny, Point, SparseVector, UpdateOperation

    ids = sorted(documents)
    for start in range(0, len(ids), _AT_ONCE):
        of_these = Filter(must=[FieldCondition("document_id", match=MatchAny(ids[start : start + _AT_ONCE]))])
        target.update(UpdateOperation.delete_points_by_filter(of_these))
        for page in _pages(source, of_these):
            kept = [stored_points.from_engine(record.id, record.payload, record.vector) for record in page]
            made = [Point(one.id, stored_points.to_engine(one, SparseVector), dict(one.payload)) for one in kept]
            target.update(UpdateOperation.upsert_points(made))


def _pages(shard: Any, within: Any) -> Iterator[list[Any]]:
    from qdrant_edge import ScrollRequest

    after = None
    while True:
        found, after = shard.scroll(ScrollRequest(after, points.BATCH, within, with_payload=True, with_vector=True))
        if found:
            yield found
        if after is None:
            return


def _rewritten(shard: Path, layout: Layout) -> Rewritten:
    """Rewrite the shard in this process: with a graph where its size wants one and its recall allows it."""
    from qdrant_edge import EdgeShard

    started = time.monotonic()
    opened = EdgeShard.load(str(shard))
    wanted = search_plan.wants_graph(opened.info().points_count)
    measured = Recall(recall.BEST, 0)
    for graph in (True, False) if wanted else (False,):
        opened.close()
        opened = EdgeShard.load(str(shard), layout.config(graph=graph))
        opened.optimize()
        opened.flush()
        measured = edge_recall.measure(lambda: nullcontext(opened), recall.SAMPLE, has_graph=graph)  # noqa: B023 (called here)
        if not graph or measured.worst >= recall.LEAST:
            break
    opened.close()
    return Rewritten(graph, measured, round(time.monotonic() - started, 1))


def _report_in(given: Any) -> Rewritten:
    return Rewritten(given["has_graph"], wire.recall_in(given["recall"]), given["seconds"])


def _end_with_parent() -> None:
    """End as soon as the engine lets another thread run, once the process that started this one is gone."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def main() -> None:
    """Rewrite and say on one line of JSON what became of it."""
    shard, layout = Path(sys.argv[1]), Layout(int(sys.argv[2]), int(sys.argv[3]) or None, sys.argv[4] == "1")
    if sys.platform == "linux":  # at once, while the engine holds the interpreter's lock
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    done = _rewritten(shard, layout)
    described = {"has_graph": done.has_graph, "recall": wire.recall_out(done.recall), "seconds": done.seconds}
    sys.stdout.write(f"{json.dumps(described)}\n")


if __name__ == "__main__":
    main()
