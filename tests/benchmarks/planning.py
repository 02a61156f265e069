"""Measures planning and prompt building for ten million tokens, and the time that an answer adds to its server's own.

`python -m tests.benchmarks.planning [--documents 5000] [--tokens 2000] [--asks 30]`
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from assistant.access import Library
from assistant.access.stored_text import store_text
from assistant.adapters.blobs import FolderBlobs
from assistant.answer import Limits
from assistant.answer.reading import Planner
from assistant.answer.wanted import Wanted
from assistant.app import App, build
from assistant.catalog import Catalog, Keyring
from assistant.catalog.documents import NewVersion
from assistant.herd import Herd, Member
from assistant.settings import load_settings
from assistant.types import (
    EVERYTHING,
    LOCAL_OPERATOR,
    Document,
    DocumentInfo,
    DocumentRef,
    Filters,
    ModelProfile,
    Passage,
    Question,
    TextDelta,
    User,
)
from tests.fakes.chat_model import FakeChatModel
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

KEY = b"k" * 32
CONTEXT = 12_000_000
QUESTION = "How many days before the trip are train tickets booked?"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--asks", type=int, default=30)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        planning(Path(folder), wanted.documents, wanted.tokens)
    with tempfile.TemporaryDirectory() as folder:
        first_byte(Path(folder), wanted.asks)


class Nothing:
    """A retriever that finds nothing."""

    def search(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        return []

    def read_on(
        self, query: str, user: User, documents: Sequence[DocumentInfo], tokens: int, filters: Filters = EVERYTHING
    ) -> list[Passage]:
        return []


def planning(folder: Path, documents: int, tokens: int) -> None:
    """Plan everything there is, first with counting, then with the counts that were kept."""
    catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
    blobs = FolderBlobs(folder / "blobs")
    refs = _fill(catalog, blobs, documents, tokens)
    library = Library(catalog, blobs)
    model = FakeChatModel(context_tokens=CONTEXT)
    herd = Herd([Member(ModelProfile("fake", frozenset({"answer"})), model)])
    planner = Planner(herd, library, catalog.token_counts, KEY, Limits(), Nothing())
    hits = [Passage(ref, 0, 40, library.read(ref.source, ref.key, LOCAL_OPERATOR).text[:40]) for ref in refs[:8]]
    question = Wanted(Question("Summarise everything", "corpus"), LOCAL_OPERATOR, hits)
    for name in ("counting", "counts kept", "counts kept, again"):
        before = _memory(reset=True)
        wall, cpu = time.perf_counter(), time.process_time()
        reading = planner.read(question)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(
            f"{name}: {len(reading.plan.documents):,} documents, {reading.plan.tokens:,} tokens:"
            f" {wall:.2f} s ({cpu:.2f} s of CPU), {_memory() - before:,.0f} MB more at most"
        )
        del reading
    catalog.close()


def _fill(catalog: Catalog, blobs: FolderBlobs, documents: int, tokens: int) -> list[DocumentRef]:
    dice = random.Random(7)
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 6))) for _ in range(5000)]
    catalog.sources.add("s", "folder", {}, {})
    refs = []
    for start in range(0, documents, 500):
        versions = []
        for number in range(start, min(documents, start + 500)):
            text = " ".join(dice.choices(words, k=tokens))
            ref = DocumentRef("s", f"{number // 100}/{number}.txt", "1", f"Document {number}", "", "text/plain")
            store_text(blobs, Document(ref, text))
            versions.append(NewVersion(DocumentInfo(ref, 0, 10, len(text), tokens), None, "p", False))
            refs.append(ref)
        catalog.documents.make_current(versions)
    return refs


def _memory(*, reset: bool = False) -> float:
    """Return the most memory held so far in MB, or since the last reset."""
    if reset:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise OSError("this system does not say how much memory a process held")


def first_byte(folder: Path, asks: int) -> None:
    """Compare the first word of a passages answer with that of the same prompt sent to the server alone."""
    docs = folder / "docs"
    docs.mkdir()
    for number in range(40):
        (docs / f"{number}.md").write_text(f"# Rule {number}\n\n" + f"Tickets of kind {number} are booked early. " * 40)
    script = Script(otherwise=Reply("At least 21 days [1]."))
    with (
        ModelServer(script) as server,
        build(load_settings(home=folder / "home", model_url=server.url, search_cache=0)) as app,
        httpx.Client(timeout=60) as client,
    ):
        app.catalog.sources.add("docs", "folder", {"path": str(docs)}, {})
        app.ingestor.sync("docs", "cli")
        _ = [_ask(app) for _ in range(3)]
        body = server.asked[-1].body
        pairs = [(_raw(client, server.url, body), _ask(app)) for _ in range(asks)]
    raw = statistics.median(seconds for seconds, _ in pairs)
    ours = statistics.median(seconds for _, (seconds, _) in pairs)
    search = statistics.median(timings["search"] for _, (_, timings) in pairs)
    plan = statistics.median(timings["plan"] for _, (_, timings) in pairs)
    print(
        f"first word of a passages answer, medians of {asks}: the server alone {raw * 1000:.1f} ms, answered"
        f" {ours * 1000:.1f} ms, of which search {search * 1000:.1f} ms and planning {plan * 1000:.1f} ms:"
        f" {(ours - raw) * 1000:.1f} ms added"
    )


def _ask(app: App) -> tuple[float, dict[str, float]]:
    began, first = time.perf_counter(), 0.0
    for event in app.answerer.stream(Question(QUESTION, mode="chunks"), LOCAL_OPERATOR):
        if isinstance(event, TextDelta) and not first:
            first = time.perf_counter() - began
    return first, dict(event.answer.timings)  # type: ignore[union-attr]


def _raw(client: httpx.Client, url: str, body: Any) -> float:
    began = time.perf_counter()
    first = 0.0
    with client.stream("POST", f"{url}/chat/completions", json=body) as response:
        for line in response.iter_lines():
            if not first and '"content": "' in line and '"content": ""' not in line:
                first = time.perf_counter() - began
    return first


if __name__ == "__main__":
    main()
