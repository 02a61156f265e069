"""What an installation takes: disk by package, memory of idle processes, and the time from a start to the first answer.

    python -m tests.benchmarks.footprint [--python VENV/bin/python] [--parts install,start,memory] [--idle 30] [--json]

`--python` names the interpreter of the installation that is looked at, such as one that `make up` made; by default
this one. Start-up is measured twice on a home with one document: cold, with nothing compiled to bytecode, and warm.
Memory is each process's proportional share (PSS: what processes share counts once), with one page of the web UI open:
of `assistant up`, and of the server mode with Postgres and Valkey, whose worker has indexed one document.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.asyncio.client import connect

from tests.benchmarks.ui_load import Session
from tests.fakes.databases import running_postgres
from tests.fakes.ports import free_port
from tests.workers.cluster import running_cluster, wait_for

Row = dict[str, Any]
PARTS = ("install", "start", "memory")
MB = 1_000_000
SHOWN = 25
PATIENCE = 600.0
READY = re.compile(r"ready: (http://\S+)\s+\(API: (http://\S+)/openapi.json\)")
QUESTION = {"question": "When does the gym open?"}


def installed(python: Path) -> Row:
    """Return the megabytes of an environment and of each of its packages, bytecode included, the largest first."""
    code = "import sysconfig; print(sysconfig.get_path('platlib'))"
    packages = Path(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip())
    environment = python.absolute().parents[1]
    sizes = {one.name: round(_taken(_files(one)) / MB, 1) for one in distributions(path=[str(packages)])}
    largest = dict(sorted(sizes.items(), key=lambda item: -item[1]))
    bytecode = _taken(packages.rglob("*.pyc"))
    return {
        "mb": round(_taken(environment.rglob("*")) / MB),
        "packages": len(sizes),
        "bytecode_mb": round(bytecode / MB),
        "largest_mb": largest,
    }


def _files(one: Distribution) -> Iterator[Path]:
    """List what a package brought, and what Python compiled of it."""
    for file in one.files or []:
        path = Path(os.path.normpath(str(file.locate())))
        if path.suffix == ".py":
            yield from path.parent.glob(f"__pycache__/{path.stem}.*.pyc")
        if path.suffix != ".pyc":
            yield path


def _taken(paths: Iterator[Path]) -> int:
    """Return the bytes on disk of those that are files, each once, as `du` counts them."""
    found = {}
    for path in paths:
        if path.is_file() and not path.is_symlink():
            about = path.stat()
            found[about.st_ino] = 512 * about.st_blocks
    return sum(found.values())


@contextmanager
def running(python: Path, home: Path, **variables: str) -> Iterator[tuple[psutil.Process, str, str]]:
    """Run `assistant up` on free ports; give its process and the addresses of UI and API once both are ready."""
    process = subprocess.Popen(
        [python, "-m", "assistant.cli", "up", "--port", str(free_port()), "--ui-port", str(free_port())],
        env={**os.environ, "ASSISTANT_HOME": str(home), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = READY.search("\n".join(iter(lambda: _line_of(process), "")))
        assert told, "it did not start"
        yield psutil.Process(process.pid), told[1], told[2]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def _line_of(process: subprocess.Popen[str]) -> str:
    """Return lines until the one that says that all is ready, then nothing."""
    if getattr(process, "said", False):
        return ""
    assert process.stdout is not None
    line = process.stdout.readline()
    process.said = bool(READY.search(line))  # type: ignore[attr-defined]
    return line


def started(python: Path, home: Path, **variables: str) -> Row:
    """Return the seconds from a start to everything being ready, to the first answer, and to the first drawn page."""
    began = time.monotonic()
    with running(python, home, **variables) as (_, ui, api):
        row = {"ready_s": round(time.monotonic() - began, 1)}
        answer = httpx.post(f"{api}/api/ask", json=QUESTION, timeout=PATIENCE).raise_for_status()
        assert "gym.md" in answer.text, "the document was not found"
        row["answered_s"] = round(time.monotonic() - began, 1)
        with page(ui):
            row["page_s"] = round(time.monotonic() - began, 1)
    return row


@contextmanager
def page(ui: str) -> Iterator[None]:
    """Open the web UI as a browser does, and keep it open once it has been drawn."""
    runner = asyncio.Runner()

    async def opened() -> Session:
        socket = await connect(
            ui.replace("http", "ws", 1) + "/_stcore/stream",
            origin=ui,  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        session = Session(socket)
        await session.run()
        return session

    with runner:
        session = runner.run(opened())
        yield
        runner.run(session.socket.close())


def starts(python: Path, home: Path, folder: Path) -> Row:
    """Return the times of `started` with nothing compiled, and with everything."""
    compiled = {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    code = "import time; t = time.perf_counter(); import assistant; print(time.perf_counter() - t)"
    runs = [subprocess.run([python, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return {
        "cold": started(python, home, **compiled),
        "warm": started(python, home, **compiled),
        "import_assistant_s": round(min(float(run.stdout) for run in runs), 3),
    }


def idle(python: Path, home: Path, seconds: float) -> Row:
    """Return the idle megabytes by process of `assistant up`, one page open and one question answered."""
    with running(python, home) as (process, ui, api), page(ui):
        httpx.post(f"{api}/api/ask", json=QUESTION, timeout=PATIENCE).raise_for_status()
        time.sleep(seconds)
        return {_called(one): _share(one) for one in [process, *process.children(recursive=True)]}


def idle_servers(folder: Path, documents: Path, seconds: float) -> Row:
    """Return the same of the server mode, in this environment: API, UI, a worker, the beat and the servers' own."""
    with running_postgres() as postgres:
        workers = {"worker": "sync,parse,embed,delete,maintenance"}
        with running_cluster(folder, postgres.url, workers) as cluster:
            processes = {name: psutil.Process(one.pid) for name, one in cluster._processes.items()}
            found = {"worker before its first task": _share(processes["worker"])}
            body = {"name": "d", "kind": "folder", "config": {"path": str(documents)}}
            assert cluster.post("/api/sources", body).status_code == 201
            wait_for(lambda: bool(cluster.get("/api/status")["documents"]), PATIENCE)
            with page(_ui_of(processes["api"])):
                time.sleep(seconds)
                for process in processes.values():
                    for one in [process, *process.children(recursive=True)]:
                        found[_called(one)] = _share(one)
            found["valkey"] = _share(psutil.Process(cluster.broker._server._process.pid))  # type: ignore[attr-defined]
        return found


def _ui_of(api: psutil.Process) -> str:
    """Return the address of the UI that `assistant up` started; it is ready soon after the API."""
    words = api.cmdline()
    url = f"http://127.0.0.1:{words[words.index('--ui-port') + 1]}"

    def is_up() -> bool:
        try:
            return httpx.get(f"{url}/_stcore/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    wait_for(is_up, PATIENCE)
    return url


def _called(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    names: Mapping[str, str] = {
        "streamlit": "web UI",
        "assistant.cli up": "API, with index, worker and beat",
        "workers.main beat": "beat",
        "workers.main worker": "worker",
    }
    return next((name for sign, name in names.items() if sign in words), f"other: {words[-60:]}")


def _share(process: psutil.Process) -> int:
    return round(process.memory_full_info().pss / MB)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def markdown(result: Row) -> str:
    """Return the tables of what was measured."""
    parts = []
    if found := result.get("install"):
        rows = list(found["largest_mb"].items())[:SHOWN]
        rest = sum(size for _, size in list(found["largest_mb"].items())[SHOWN:])
        rows += [(f"{found['packages'] - SHOWN} others", round(rest, 1)), ("all, with pip", found["mb"])]
        parts.append(table(("Package", "MB"), rows))
    if found := result.get("start"):
        rows = [(name, *found[name].values()) for name in ("cold", "warm")]
        parts.append(table(("Start", "ready, s", "first answer, s", "first page drawn, s"), rows))
        parts.append(f"`import assistant`: {found['import_assistant_s']} s")
    if found := result.get("memory"):
        for name, processes in found.items():
            rows = [*processes.items()]
            parts.append(table((name, "idle PSS, MB"), rows))
    return "\n\n".join(parts)


def measured(python: Path, parts: Sequence[str], seconds: float) -> Row:
    """Measure these parts."""
    result: Row = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        documents, home = folder / "documents", folder / "home"
        documents.mkdir()
        (documents / "gym.md").write_text("# Gym\n\nThe gym opens at seven.\n")
        command = [python, "-m", "assistant.cli", "ingest", documents]
        subprocess.run(command, env={**os.environ, "ASSISTANT_HOME": str(home)}, check=True, capture_output=True)
        if "install" in parts:
            result["install"] = installed(python)
        if "start" in parts:
            result["start"] = starts(python, home, folder)
        if "memory" in parts:
            alone, servers = idle(python, home, seconds), idle_servers(folder, documents, seconds)
            result["memory"] = {"`assistant up`": alone, "Server mode": servers}
    return result


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--parts", default=",".join(PARTS), help="of " + ", ".join(PARTS))
    parser.add_argument("--idle", type=float, default=30.0, help="seconds before memory is looked at")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    result = measured(given.python, given.parts.split(","), given.idle)
    print(json.dumps(result, indent=2) if given.json else markdown(result))


if __name__ == "__main__":
    main()
