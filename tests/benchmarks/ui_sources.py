"""A long list of sources: `python -m tests.benchmarks.ui_sources [--sources 500] [--documents 200]`.

Measures, over a real catalog and the real API, what `GET /api/sources` takes, and what the page takes to be drawn
first, drawn again, turned over and filtered (Streamlit's script alone, in its test harness; a browser comes on top).
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import httpx

from assistant.api import create_api
from assistant.app import App
from tests.api.conftest import ListQueue
from tests.fakes.listening import listening
from tests.fakes.system import System

REPEATS = 10
SHOWN = 20


def filled(folder: Path, sources: int, documents: int) -> System:
    """Return a house with so many sources; the first twenty, which the page shows, have so many documents and a run."""
    system = System(folder)
    system.source.texts = {f"{number}.txt": f"Text {number}." for number in range(documents)}
    for number in range(sources - 1):
        name = f"source {number:03d}"
        system.catalog.sources.add(name, "memory", {}, {}, "every 1h")
        if number < SHOWN:
            system.ingestor.sync(name, "cli")
    return system


def median(action: Callable[[], Any]) -> float:
    """Return the median of the seconds that an action takes."""
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return round(statistics.median(taken), 4)


def page_seconds() -> dict[str, float]:
    """Return the seconds of a script run of the page, by what was done."""
    from tests.ui.test_app import start

    started = time.perf_counter()
    app = start("sources")
    found = {"first": round(time.perf_counter() - started, 4), "again": median(app.run)}
    turning = iter(["next", "previous"] * REPEATS)
    found["turned over"] = median(lambda: app.button(key=f"sources-offset-{next(turning)}").click().run())
    words = iter(["source 1", ""] * REPEATS)
    found["filtered"] = median(lambda: app.text_input(key="source-find").set_value(next(words)).run())
    assert not app.exception
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--documents", type=int, default=200)
    given = parser.parse_args()
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as folder:
        system = filled(Path(folder), given.sources, given.documents)
        with listening(create_api(cast(App, system), ListQueue())) as url:
            os.environ["ASSISTANT_API_URL"] = url
            with httpx.Client(base_url=url, timeout=60) as client:
                api = {
                    "with kinds": median(lambda: client.get("/api/sources").raise_for_status()),
                    "without": median(lambda: client.get("/api/sources?with_kinds=false").raise_for_status()),
                    "running": median(lambda: client.get("/api/runs?state=running&limit=1000").raise_for_status()),
                }
            result = {"sources": given.sources, "api_seconds": api, "page_seconds": page_seconds()}
        system.close()
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
