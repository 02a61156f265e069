"""The real stack as a user starts it, `assistant up`, on a home of its own with people and documents in it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from assistant import build, load_settings
from assistant.access import Where
from assistant.app import App
from assistant.types import LOCAL_OPERATOR, Role
from tests.fakes.ports import free_port
from tests.journeys import papers

READY = re.compile(r"ready: (http://\S+)\s+\(API: (http://\S+)/openapi.json\)")
START_SECONDS = 600.0  # a machine that has other work takes its time


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has an account in the house."""

    id: str
    name: str
    groups: tuple[str, ...]
    role: Role = "employee"


PEOPLE = (
    Person("ada", "Ada Admin", ("staff", "hr"), "admin"),
    Person("emil", "Emil Berg", ("staff",)),
    Person("hanna", "Hanna Roth", ("staff", "hr")),
    Person("otto", "Otto Prüfer", (), "auditor"),
    Person("nora", "Nora Neu", ("staff",)),
)


@dataclass(slots=True)
class House:
    """A running assistant.

    Attributes:
        ui, api: their addresses.
        home: its folder.
        sessions: a signed-in session by person, where people sign in.
        process: the one that was started; None where there are many.
    """

    ui: str
    api: str
    home: Path
    process: subprocess.Popen[str] | None
    sessions: Mapping[str, str] = field(default_factory=dict)

    def call(self, person: str, method: str, path: str, **more: object) -> httpx.Response:
        """Call the API as this person, as a program would."""
        cookies = {"assistant_session": self.sessions[person]} if person else {}
        headers = {"Origin": self.api}
        with httpx.Client(base_url=self.api, cookies=cookies, headers=headers, timeout=60) as client:
            return client.request(method, path, **more)  # type: ignore[arg-type]


def seed(home: Path, folder: Path, more: Callable[[App], None] | None = None, **settings: str) -> dict[str, str]:
    """Fill a home before it is started: documents of `papers`, people and what `more` adds; return their sessions."""
    papers.write(folder)
    sessions: dict[str, str] = {}
    with build(load_settings(home=home, sign_in="accounts", **settings)) as app:
        for one in PEOPLE:
            app.people.add(one.id, one.name, one.groups, one.role, LOCAL_OPERATOR)
            sessions[one.id] = app.sign_in.known(app.catalog.people.get(one.id), "oidc", Where()).secret
        app.catalog.sources.add("handbook", "folder", {"path": str(folder)}, papers.READERS)
        report = app.ingestor.sync("handbook", "test")
        assert report.added == len(papers.names()), report
        if more is not None:
            more(app)
    return sessions


@contextmanager
def running(home: Path, *, sessions: Mapping[str, str] | None = None, **variables: str) -> Iterator[House]:
    """Start the assistant on free ports, in a process group of its own, and end the whole group afterwards."""
    command = [sys.executable, "-m", "assistant.cli", "up", "--port", str(free_port()), "--ui-port", str(free_port())]
    environment = {**os.environ, "ASSISTANT_HOME": str(home), "NO_COLOR": "1", **variables}
    log = home.with_suffix(".log")
    with log.open("a") as errors:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
    try:
        found = _ready(process, log)
        yield House(found[1], found[2], home, process, dict(sessions or {}))
    finally:
        _end(process)


def _ready(process: subprocess.Popen[str], log: Path) -> re.Match[str]:
    """Return the line that says where everything is."""
    said: list[str] = []
    found: list[re.Match[str]] = []
    stdout = process.stdout
    assert stdout is not None

    def read() -> None:
        for line in stdout:
            said.append(line)
            if match := READY.search(line):
                found.append(match)
                return  # hardly anything follows: the pipe never fills

    threading.Thread(target=read, daemon=True).start()
    end = time.monotonic() + START_SECONDS
    while not found:
        assert process.poll() is None, "".join(said) + log.read_text()
        assert time.monotonic() < end, "".join(said) + log.read_text()
        time.sleep(0.05)
    return found[0]


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(240)
        except subprocess.TimeoutExpired:
            process.kill()
    with suppress(ProcessLookupError):  # nothing of the group is left, as it should be
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(120)
    if process.stdout is not None:
        process.stdout.close()
