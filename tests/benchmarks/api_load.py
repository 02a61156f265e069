"""Searches a second through the API from many clients at once, and what each stage of a search costs.

    python -m tests.benchmarks.index_scale FOLDER --sizes 100000 --homes HOMES --keep
    python -m tests.benchmarks.api_load HOMES/scale100000 [--clients 16] [--seconds 20] [--without-audit]

The API runs in a process of its own with the real embedder, as `assistant up` runs it without UI and worker; the
clients share its cores. No question is asked twice. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from assistant.app import App, build
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR
from assistant.wire import SearchJson
from tests.benchmarks import generated
from tests.fakes.ports import free_port

ROUND = 200  # searches whose stages are measured one by one


class NoQueue:
    """Takes no work."""

    def enqueue_sync(self, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
        raise NotImplementedError

    def enqueue_work(self) -> None:
        raise NotImplementedError


def questions(count: int, seed: int) -> list[str]:
    """Return distinct questions of six words of the generated corpus."""
    dice = np.random.default_rng(seed)
    weights = 1.0 / (np.arange(generated.VOCABULARY) + 20)
    drawn = dice.choice(generated.VOCABULARY, size=(count, 6), p=weights / weights.sum())
    return [" ".join(f"w{word}" for word in row) for row in drawn.tolist()]


def serve(home: Path, port: int, *, audit: bool) -> None:
    """Run the API until a signal ends it; without `audit`, as if nothing had to be recorded, to see what that costs."""
    import uvicorn

    from assistant.api import application, create_api
    from assistant.cli.serve import _owner, _warm

    if not audit:
        setattr(application, "Auditing", lambda app: app)  # noqa: B010 (for mypy it is a class)
    settings = load_settings(home=home, port=port)
    with build(settings, owns_index=True) as app, _owner(app):
        _warm(app)
        uvicorn.run(create_api(app, NoQueue()), host="127.0.0.1", port=port, log_config=None, access_log=False)


@contextmanager
def served(home: Path, *, audit: bool) -> Iterator[tuple[str, psutil.Process]]:
    """Start the API on a free port; yield its address and process."""
    port = free_port()
    command = [sys.executable, "-m", "tests.benchmarks.api_load", str(home), "--serve", str(port)]
    command += [] if audit else ["--without-audit"]
    with subprocess.Popen(command) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 120
            while time.monotonic() < until:
                try:
                    httpx.get(f"{address}/health", timeout=2)
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            yield address, psutil.Process(process.pid)
        finally:
            process.terminate()


async def load(address: str, clients: int, seconds: float, texts: list[str]) -> list[float]:
    """Ask these questions from so many clients for so long; return the seconds that each search took."""
    asked = iter(texts)
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def ask() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            while time.perf_counter() < until:
                started = time.perf_counter()
                answer = await client.post("/api/search", json={"query": next(asked)})
                took.append(time.perf_counter() - started)
                answer.raise_for_status()

    await asyncio.gather(*(ask() for _ in range(clients)))
    return took


def stages(app: App) -> dict[str, float]:
    """Return the mean CPU milliseconds of each stage of a search, one search at a time in this process."""
    total: dict[str, float] = {}

    def timed(name: str, call: Callable[[], Any]) -> Any:
        started = time.process_time()
        result = call()
        total[name] = total.get(name, 0.0) + time.process_time() - started
        return result

    for at, text in enumerate(questions(ROUND + 20, 3)):
        if at == 20:
            total.clear()
        vector = timed("embedding", lambda text=text: app.embedder.embed_query(text))
        hits = timed("engine", lambda text=text, v=vector: app.index.search(v, text, LOCAL_OPERATOR, 20))
        timed("catalog", lambda hits=hits: app.library.readable([hit.document_id for hit in hits], LOCAL_OPERATOR))
    for at, text in enumerate(questions(ROUND + 20, 4)):
        if at == 20:
            total.pop("retriever"), total.pop("serialisation")
        found = timed("retriever", lambda text=text: app.retriever.search(text, LOCAL_OPERATOR, 10))
        timed("serialisation", lambda found=found: SearchJson.of(found, 0.0).model_dump_json())
    return {name: round(1000 * seconds / ROUND, 2) for name, seconds in total.items()}


def measure(home: Path, clients: int, seconds: float, *, audit: bool) -> dict[str, Any]:
    """Return what the API does under load, and what the stages cost."""
    with build(load_settings(home=home), owns_index=True) as app:
        row: dict[str, Any] = {"chunks": app.index.counts().chunks, "stages_cpu_ms": stages(app)}
    with served(home, audit=audit) as (address, process):
        texts = questions(100_000, 7)
        asyncio.run(load(address, 2, 2.0, questions(10_000, 5)))
        alone = asyncio.run(load(address, 1, 3.0, questions(10_000, 6)))
        before, own = sum(process.cpu_times()[:2]), time.process_time()
        took = asyncio.run(load(address, clients, seconds, texts))
        row |= {
            "one_client_p50_ms": round(1000 * float(np.percentile(alone, 50)), 1),
            "audit": audit,
            "clients": clients,
            "searches": len(took),
            "searches_per_second": round(len(took) / seconds, 1),
            **{f"p{of}_ms": round(1000 * float(np.percentile(took, of)), 1) for of in (50, 95, 99)},
            "server_cpu_ms": round(1000 * (sum(process.cpu_times()[:2]) - before) / len(took), 2),
            "client_cpu_ms": round(1000 * (time.process_time() - own) / len(took), 2),
            "server_mb": round(process.memory_info().rss / 2**20),
        }
    return row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="filled by tests.benchmarks.index_scale")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--without-audit", action="store_true", help="record nothing, to see what that costs")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.home, given.serve, audit=not given.without_audit)
        return
    print(json.dumps(measure(given.home, given.clients, given.seconds, audit=not given.without_audit), indent=2))


if __name__ == "__main__":
    main()
