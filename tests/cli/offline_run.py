"""Uses the whole assistant in a network namespace that has loopback and no route out; run by `test_offline`.

    unshare --net -- python -m tests.cli.offline_run FOLDER

FOLDER gets `report.json`: how often the kernel found no route, or nobody who answers DNS, and what Python processes
looked up or connected to, first with attempts made on purpose, then while the assistant worked; and what pages loaded.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.cli.test_up import Running, running

_FLAGS_OF, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1
_COUNTED = {"Ip.OutNoRoutes", "Udp.NoPorts", "Ip6OutNoRoutes", "Udp6NoPorts"}
_TEXT = "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n"


def main() -> None:
    """Do it all, and write the report."""
    folder = Path(sys.argv[1])
    attempts = Path(os.environ["ASSISTANT_TEST_ATTEMPTS"])
    _raise_loopback()
    report: dict[str, Any] = {}

    def told(name: str, act: Callable[[], Any]) -> None:
        before, known = _counts(), len(_lines(attempts))
        report[name] = {"did": act()}
        after = _counts()
        report[name]["unrouted"] = {key: after[key] - before[key] for key in after if after[key] != before[key]}
        report[name]["attempts"] = _lines(attempts)[known:]

    told("connects", lambda: _python("import socket; socket.socket().connect(('192.0.2.1', 9))"))
    told("looks up", lambda: _python("import socket; socket.getaddrinfo('example.com', 80)"))
    documents = folder / "documents"
    documents.mkdir()
    (documents / "travel.md").write_text(_TEXT)
    (documents / "page.html").write_text(
        "<html><head><link rel=stylesheet href='https://example.com/a.css'></head>"
        "<body><p>Hotels cost 120 euros.</p><img src='https://example.com/a.png'></body></html>"
    )
    with ExitStack() as stack:
        servers: list[Running] = []

        def work() -> list[str]:
            servers.append(stack.enter_context(running(folder / "home")))
            return _work(servers[0], folder, documents)

        told("works", work)
        told("shows pages", lambda: _look(servers[0]))
    (folder / "report.json").write_text(json.dumps(report, indent=1))


def _work(server: Running, folder: Path, documents: Path) -> list[str]:
    """Index, search, ask, converse, reindex and back up; returns what was done."""
    done = []
    body = {"name": "d", "kind": "folder", "config": {"path": str(documents)}}
    assert httpx.post(f"{server.api}/api/sources", json=body, timeout=60).status_code == 201
    _wait(lambda: server.get("/api/status").json()["documents"] == 2)
    done.append("indexed")
    found = httpx.post(f"{server.api}/api/search", json={"query": "train tickets"}, timeout=60).json()
    assert found["hits"][0]["document"]["key"] == "travel.md"
    done.append("searched")
    asked = httpx.post(f"{server.api}/api/ask", json={"question": "When are train tickets booked?"}, timeout=60)
    assert "21 days" in asked.text
    done.append("asked")
    question = {"question": "When are train tickets booked?"}
    turn = httpx.post(f"{server.api}/api/conversations", json=question, timeout=60).json()
    path = f"/api/conversations/{turn['conversation']['id']}/turns/{turn['turn']['id']}/events"
    assert "21 days" in server.get(path).text
    done.append("conversed")
    upload = {"files": ("hotel.txt", b"The hotel in Graz has a pool.\n")}
    assert httpx.post(f"{server.api}/api/uploads", files=upload, timeout=60).status_code == 201
    _wait(lambda: server.get("/api/status").json()["documents"] == 3)
    done.append("uploaded")
    assert httpx.get(server.ui, timeout=60).status_code == 200
    assert "assistant_requests" in server.get("/metrics").text
    for command in (("doctor",), ("reindex", "--chunk-tokens", "64", "--json"), ("backup", str(folder / "kept"))):
        _assistant(folder, *command)
        done.append(command[0])
    return done


def _look(server: Running) -> list[str]:
    """Open the pages in Chromium, if it is there; returns the hosts that they loaded something from."""
    from tests.fakes.chromium import CHROMIUM, FLAGS

    if not CHROMIUM.exists():
        return []
    from playwright.sync_api import sync_playwright

    hosts: set[str] = set()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page()
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
        page.on("websocket", lambda opened: hosts.add(urlsplit(opened.url).hostname or ""))
        _visit(page, server)
        browser.close()
    return sorted(hosts - {""})


def _visit(page: Any, server: Running) -> None:
    for path in ("", "/documents", "/sources", "/tools"):
        page.goto(server.ui + path, timeout=90_000)
        page.wait_for_selector("[data-testid=stApp] h1", timeout=90_000)


def _assistant(folder: Path, *arguments: str) -> None:
    environment = {**os.environ, "ASSISTANT_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "assistant.cli", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr


def _python(code: str) -> int:
    """Run a line that is expected to fail; returns its exit code."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False).returncode


def _wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.2)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        asked = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(one, _FLAGS_OF, asked))[1]
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def _counts() -> dict[str, int]:
    """Return what the kernel counts, in this namespace, of what went nowhere."""
    found: dict[str, int] = {}
    rows = Path("/proc/net/snmp").read_text().splitlines()
    for names, values in zip(rows[::2], rows[1::2], strict=True):
        layer = names.partition(":")[0]
        pairs = zip(names.split()[1:], values.split()[1:], strict=True)
        found.update((f"{layer}.{name}", int(value)) for name, value in pairs)
    later = Path("/proc/net/snmp6")
    for row in later.read_text().splitlines() if later.exists() else []:
        name, value = row.split()
        found[name] = int(value)
    return {name: value for name, value in found.items() if name in _COUNTED}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    main()
