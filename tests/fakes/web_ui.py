"""A web UI in a process of its own, as `assistant up` starts it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from assistant.settings import load_settings
from tests.fakes.ports import free_port
from ui.run import SCRIPT, streamlit_command, streamlit_environment

START_SECONDS = 300.0  # on a machine that has other work


@contextmanager
def running_ui(api_url: str, script: Path = SCRIPT) -> Iterator[tuple[str, psutil.Process]]:
    """Serve the UI and yield its address and its process once it answers.

    Args:
        api_url: the API that it talks to.
        script: what Streamlit runs.

    Raises:
        AssertionError: it ended, or did not answer in time; with its log.
    """
    settings = load_settings(ui_port=free_port(), api_url=api_url)
    command = [str(script) if part == str(SCRIPT) else part for part in streamlit_command(settings)]
    environment = {**os.environ, **streamlit_environment(settings)}
    with tempfile.NamedTemporaryFile(prefix="ui-", suffix=".log") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        url = f"http://127.0.0.1:{settings.ui_port}"
        try:
            _wait_until_healthy(url, process, Path(log.name))
            yield url, psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
