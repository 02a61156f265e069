"""An API of the version before goes on answering while this one migrates their catalog, starts, and takes over."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine

from assistant.app import build
from assistant.catalog.database import HEAD, current_revision
from assistant.settings import load_settings
from tests.fakes.databases import new_database
from tests.fakes.ports import free_port

HERE = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("api_beside.py")
PATIENCE = 3600.0
_CATALOG = "assistant/catalog/database.py"


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it holds, however busy the machine is."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.5)


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=HERE, check=True, capture_output=True).stdout


def last_of_another_schema() -> tuple[str, str]:
    """Return the newest commit of this history whose schema is an older one, and that schema."""
    try:
        commits = git("log", "--first-parent", "--format=%H", "--", _CATALOG, "assistant/catalog/migrations").split()
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"there is no history of git here: {error}")
    for commit in (one.decode() for one in commits):
        found = re.search(rb'^HEAD = "(\w+)"', git("show", f"{commit}:{_CATALOG}"), re.MULTILINE)
        if found is not None and found[1].decode() != HEAD:
            return commit, found[1].decode()
    pytest.skip("the history of git here is too short: it has no version with another schema")


class Polled:
    """Asks whichever API is served all the time, and counts how it answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answered: dict[int, int] = {}
        self.failed: list[str] = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._poll)
        self.thread.start()

    def _poll(self) -> None:
        with httpx.Client(timeout=PATIENCE) as client:
            while not self.over.is_set():
                port = self.port
                for path, body in (
                    ("search", {"query": "How are trips booked?"}),
                    ("ask", {"question": "How are trips booked?"}),
                ):
                    try:
                        answer = client.post(f"http://127.0.0.1:{port}/api/{path}", json=body)
                        right = answer.status_code == 200 and "Concur" in answer.text
                        cause = "" if right else f"{path} {answer.status_code} {answer.text[:300]}"
                    except httpx.HTTPError as error:
                        cause = f"{path} {error!r}"
                    if cause:
                        self.failed.append(cause)
                    else:
                        self.answered[port] = self.answered.get(port, 0) + 1

    def end(self) -> None:
        self.over.set()
        self.thread.join()


@contextlib.contextmanager
def running(tree: Path, variables: dict[str, str], log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, **variables, "PYTHONPATH": str(tree)}
    command = [sys.executable, str(DRIVER), *arguments]
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command, cwd=tree, env=environment, stdin=subprocess.PIPE, stdout=written, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=PATIENCE).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.soak
def test_the_version_before_answers_until_this_one_does(tmp_path: Path, postgres: str, assistant_home: Path) -> None:
    commit, older = last_of_another_schema()
    tree = tmp_path / "older"
    with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as packed:
        packed.extractall(tree, filter="data")
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "travel.md").write_text("# Trips\n\nTrips are booked in Concur, two weeks before.\n")
    url = new_database(postgres)
    variables = {"ASSISTANT_HOME": str(assistant_home), "ASSISTANT_CATALOG_URL": url}
    engine = create_engine(url)
    before, after = free_port(), free_port()
    with contextlib.ExitStack() as closing:
        owner_log = tmp_path / "owner.log"
        closing.enter_context(running(tree, variables, owner_log, "own"))
        wait_for(lambda: "ready" in owner_log.read_text())
        old = closing.enter_context(running(tree, variables, tmp_path / "old.log", "serve", str(before)))
        wait_for(lambda: ready(before))
        assert current_revision(engine) == older
        source = {"name": "docs", "kind": "folder", "config": {"path": str(documents)}}
        assert httpx.post(f"http://127.0.0.1:{before}/api/sources", json=source, timeout=PATIENCE).status_code == 201
        wait_for(lambda: bool(httpx.get(f"http://127.0.0.1:{before}/api/status", timeout=PATIENCE).json()["documents"]))
        polled = Polled(before)
        closing.callback(polled.end)
        wait_for(lambda: polled.answered.get(before, 0) > 2)
        subprocess.run(
            [sys.executable, "-m", "assistant.cli", "migrate"],
            cwd=HERE,
            env={**os.environ, **variables, "ASSISTANT_HOME": str(tmp_path / "job")},
            check=True,
        )
        assert current_revision(engine) == HEAD
        answered = polled.answered[before]
        wait_for(lambda: polled.answered[before] > answered + 2)  # the older one, on the newer schema
        closing.enter_context(running(HERE, variables, tmp_path / "new.log", "serve", str(after)))
        wait_for(lambda: ready(after))
        polled.port = after  # as a load balancer does
        wait_for(lambda: polled.answered.get(after, 0) > 2)
        old.terminate()
        old.wait()
        answered = polled.answered[after]
        wait_for(lambda: polled.answered[after] > answered + 2)
        polled.end()
        assert polled.failed == []
    with build(load_settings(home=assistant_home, catalog_url=url)) as app:
        assert [one.name for one in app.catalog.sources.all()] == ["docs"]
    engine.dispose()
