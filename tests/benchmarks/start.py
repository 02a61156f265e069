"""Start-up and idle memory: `python -m tests.benchmarks.start [--home HOME]`.

Measures `import assistant` in fresh processes, the time from `assistant up` to a ready page, and the resident memory of
all its processes after half a minute of idleness with the page opened once.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import httpx
import psutil

IDLE_SECONDS = 30


def import_seconds() -> float:
    """Return the best of five fresh processes' seconds for `import assistant`."""
    code = "import time; t = time.perf_counter(); import assistant; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def start(home: str) -> dict[str, object]:
    """Start the assistant, let it idle, and return seconds and megabytes."""
    command = [sys.executable, "-m", "assistant.cli", "up", "--port", "0", "--ui-port", "0"]
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        env={**os.environ, "ASSISTANT_HOME": home},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    found = re.search(r"ready: (http://\S+)", process.stdout.readline())
    ready = time.monotonic() - started
    assert found, "it did not start"
    httpx.get(found[1], timeout=30)
    time.sleep(IDLE_SECONDS)
    parent = psutil.Process(process.pid)
    memory = {
        " ".join(p.cmdline()[1:4]): round(p.memory_info().rss / 1e6) for p in [parent, *parent.children(recursive=True)]
    }
    process.send_signal(signal.SIGTERM)
    process.wait(60)
    return {"ready_seconds": round(ready, 2), "rss_mb": memory, "rss_mb_total": sum(memory.values())}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", help="a home with documents; default: an empty one")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        result = {"import_seconds": round(import_seconds(), 3), **start(given.home or temporary)}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
