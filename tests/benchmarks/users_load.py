"""A hundred people at once for ten minutes: what they wait for, what fails, and what grows meanwhile.

    python -m tests.benchmarks.users_load [--users 100] [--minutes 10] [--think 20] [--cities 24]
        [--home HOME] [--plot FILE.png] [--json FILE]
    python -m tests.benchmarks.users_load --home HOME --fill PEOPLE.json
    python -m tests.benchmarks.users_load --url URL --people PEOPLE.json

The house is `assistant up` with its defaults (API, worker, index and UI on this machine) on a home with the documents
of `users_company`, and a scripted model that writes 40 tokens a second. The people (`users_asking`) are in a process of
their own, as is the model; both share the machine with the house. HOME is kept, and used again where it is filled.
With `--url` a house is asked that runs already, whose home was filled by `--fill`; its processes are not measured then.
Prints one JSON object: seconds by kind of request, errors, what was seen that should not be, memory, processor time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from assistant import build, load_settings
from assistant.access import Where
from assistant.types import LOCAL_OPERATOR
from tests.benchmarks import users_company as company
from tests.benchmarks.users_plot import plot
from tests.benchmarks.users_watch import Watch
from tests.fakes.model_server import ModelServer
from tests.journeys.house import running

CONTEXT = 32_000  # tokens of the model
EVERY = 10.0  # seconds between two looks at the processes
Askers = list[dict[str, Any]]


def fill(home: Path, cities: int, users: int) -> Askers:
    """Fill a home with the company's documents and people, where it is not filled yet; return a session for each."""
    with build(load_settings(home=home, sign_in="accounts")) as app:
        if "company" not in {source.name for source in app.catalog.sources.all()}:
            folder = home.with_name(f"{home.name}-documents")
            written = company.write(folder, cities)
            app.catalog.sources.add("company", "folder", {"path": str(folder)}, company.READERS)
            report = app.ingestor.sync("company", "benchmark")
            assert report.added == written, report
        known = {one.id for one in app.people.all(LOCAL_OPERATOR)}
        askers: Askers = []
        for one in company.people(users):
            if one.id not in known:
                app.people.add(one.id, one.id, one.groups, "employee", LOCAL_OPERATOR)
            secret = app.sign_in.known(app.catalog.people.get(one.id), "oidc", Where()).secret
            askers.append({"id": one.id, "folders": one.folders, "session": secret})
    return askers


@contextmanager
def modelled() -> Iterator[tuple[str, int]]:
    """Run the company's model in a process of its own; yield its address and process id."""
    command = [sys.executable, "-m", "tests.benchmarks.users_load", "--model"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


def serve_model() -> None:
    """Answer until a signal ends it."""
    with ModelServer(company.script(), context_tokens=CONTEXT) as server:
        print(server.url, flush=True)
        while True:
            time.sleep(5)
            server.requests.clear()  # nobody looks at them, and they are long


def worked(plan: dict[str, Any], *roots: tuple[str, int], every: float = EVERY) -> dict[str, Any]:
    """Let the people of a plan work, and watch the processes; return all that is known of it."""
    with tempfile.TemporaryDirectory() as place:
        told, result = Path(place) / "plan.json", Path(place) / "result.json"
        told.write_text(json.dumps(plan), encoding="utf-8")
        command = [sys.executable, "-m", "tests.benchmarks.users_asking", str(told), str(result)]
        with subprocess.Popen(command) as process:
            with Watch({**dict(roots), "people": process.pid}, every) as watch:
                code = process.wait()
            assert code == 0, f"the people's process ended with exit code {code}"
        return {**json.loads(result.read_text(encoding="utf-8")), "watch": watch.report(), "samples": watch.samples}


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return how many there are and the percentiles of their seconds."""
    named = {f"p{of}": round(float(np.percentile(seconds, of)), 3) for of in (50, 95, 99)}
    return {"count": len(seconds), **named, "most": round(max(seconds), 3)}


def summary(plan: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
    """Return what is printed of a run."""
    kinds = sorted({kind for kind, _, _ in raw["calls"]})
    by_kind = {kind: [took for name, _, took in raw["calls"] if name == kind] for kind in kinds}
    errors = Counter(f"{kind}: {what}" for kind, what, _ in raw["errors"])
    requests = sum(
        len(took) for kind, took in by_kind.items() if kind not in {"first words", "answer beyond the model"}
    )
    return {
        "users": len(plan["askers"]),
        "minutes": round(plan["seconds"] / 60, 2),
        "think_seconds": plan["think"],
        "requests": requests,
        "requests_per_second": round(requests / plan["seconds"], 2),
        "seconds": {kind: spread(took) for kind, took in by_kind.items()},
        "errors": dict(errors),
        "errors_total": sum(errors.values()),
        "leaks": raw["leaks"][:20],
        "leaks_total": len(raw["leaks"]),
        "answers": raw["answers"],
        **raw["watch"],
    }


def measure(home: Path, plan: dict[str, Any], every: float = EVERY) -> dict[str, Any]:
    """Start the house on a home that is filled, and let the people of the plan work; return all that is known of it."""
    with modelled() as (url, model), running(home, ASSISTANT_MODEL_URL=url, ASSISTANT_SIGN_IN="accounts") as house:
        return worked({**plan, "address": house.api}, ("API", house.process.pid), ("model", model), every=every)


def main() -> None:
    """Fill, measure, print and draw."""
    given = _arguments()
    if given.model:
        serve_model()
        return
    with tempfile.TemporaryDirectory() as place:
        home = given.home or Path(place) / "home"
        people = Path(given.people) if given.people else None
        askers = json.loads(people.read_text(encoding="utf-8")) if people else fill(home, given.cities, given.users)
        if given.fill:
            given.fill.write_text(json.dumps(askers), encoding="utf-8")
            return
        plan = {"askers": askers[: given.users], "cities": given.cities}
        plan |= {"seconds": 60 * given.minutes, "think": given.think}
        raw = worked({**plan, "address": given.url}) if given.url else measure(home, plan)
    told = summary(plan, raw)
    if given.json:
        given.json.write_text(json.dumps({"summary": told, **raw}), encoding="utf-8")
    if given.plot:
        plot(raw, given.plot)
    print(json.dumps(told, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=20.0, help="mean seconds between a person's actions")
    parser.add_argument("--cities", type=int, default=24, help="25 documents each")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--fill", type=Path, help="fill HOME, write its people's sessions to this file, and end")
    parser.add_argument("--url", help="of a house that runs; with --people")
    parser.add_argument("--people", type=Path, help="the file that --fill wrote")
    parser.add_argument("--json", type=Path, help="gets every call and sample as well")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--model", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if bool(given.url) != bool(given.people):
        parser.error("--url and --people belong together")
    return given


if __name__ == "__main__":
    main()
