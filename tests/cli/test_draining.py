"""A process that is told to end writes its answers to their end first, and a second signal ends it at once."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from assistant.types import DRAIN_SECONDS
from tests.cli.test_up import wait_for
from tests.fakes.model_scripts import Reply, Script, when
from tests.fakes.model_server import ModelServer
from tests.fakes.ports import free_port

INFRA = Path(__file__).parents[2] / "infra"
WORDS = " ".join(f"word{number}" for number in range(40))
TITLE = when("a title of two to six words", Reply("A title"), anywhere=True)


@contextmanager
def serving(home: Path, words: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield an API's process and address; its model takes so many seconds for a word, and ends with the block."""
    port = free_port()
    command = [sys.executable, "-m", "assistant.cli", "up", "--no-ui", "--port", str(port)]
    with ModelServer(Script(TITLE, otherwise=Reply(WORDS, piece_seconds=words))) as model:
        variables = {"ASSISTANT_HOME": str(home), "ASSISTANT_MODEL_URL": model.url, "ASSISTANT_MODEL_TRIES": "1"}
        environment = {**os.environ, **variables, "NO_COLOR": "1"}
        with home.with_suffix(".log").open("w") as log:
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            assert "API is ready" in process.stdout.readline(), home.with_suffix(".log").read_text()
            yield process, f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait(60)
            process.stdout.close()


def asked(api: str) -> str:
    """Ask, and return the path of the answer's events when some of it has come."""
    body = {"question": "When are train tickets booked?"}
    begun = httpx.post(f"{api}/api/conversations", json=body, timeout=60).raise_for_status().json()
    path = f"{api}/api/conversations/{begun['conversation']['id']}/turns/{begun['turn']['id']}"
    wait_for(lambda: "word3" in httpx.get(path, timeout=60).json()["answer"])
    return f"{path}/events"


def stored(home: Path) -> tuple[str, str]:
    """Return state and text of the one turn in the catalog."""
    with closing(sqlite3.connect(home / "catalog.sqlite3")) as catalog:
        ((state, text),) = catalog.execute("SELECT state, text FROM turns").fetchall()
    return str(state), str(text)


def test_an_answer_under_way_is_written_to_its_end(folder: Path, assistant_home: Path, assistant: Any) -> None:
    assert assistant("ingest", folder).returncode == 0
    with serving(assistant_home, words=0.25) as (process, api):
        with httpx.stream("GET", asked(api), timeout=60) as events:
            assert stored(assistant_home)[0] == "answering"
            process.send_signal(signal.SIGTERM)
            lines = list(events.iter_lines())
        assert process.wait(240) == 0
    last = json.loads(next(line for line in reversed(lines) if line.startswith("data: "))[6:])
    assert last["state"] == "complete"
    state, text = stored(assistant_home)
    assert (state, "word39" in text) == ("complete", True)


@pytest.mark.parametrize(
    "signals", [(signal.SIGINT,), (signal.SIGTERM, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT)]
)
def test_ctrl_c_or_a_second_signal_ends_it_at_once(
    folder: Path, assistant_home: Path, assistant: Any, signals: tuple[int, ...]
) -> None:
    assert assistant("ingest", folder).returncode == 0
    with serving(assistant_home, words=2.0) as (process, api):
        asked(api)
        for number in signals:
            process.send_signal(number)
            time.sleep(1)
        assert process.wait(240) == 0
    state, text = stored(assistant_home)
    assert state == "interrupted"
    assert "word3" in text
    assert f"word{DRAIN_SECONDS // 2}" not in text  # as many would have come, at two seconds each


def test_who_ends_the_process_leaves_it_that_long() -> None:
    compose = yaml.safe_load((INFRA / "compose.yaml").read_text(encoding="utf-8"))
    chart = (INFRA / "helm" / "assistant" / "templates" / "api.yaml").read_text(encoding="utf-8")
    given = {compose["services"]["api"]["stop_grace_period"].removesuffix("s")}
    given |= {line.split(": ")[1] for line in chart.splitlines() if "terminationGracePeriodSeconds" in line}
    before, streams, storing = 5, 5, 5
    assert before + DRAIN_SECONDS + streams + storing < min(map(int, given))
