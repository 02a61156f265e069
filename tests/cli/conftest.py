"""The command line as its users run it: a process of its own on a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.forking import Forker, running_forker

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    with running_forker() as forker:
        yield forker


@pytest.fixture
def assistant(assistant_home: Path, forker: Forker) -> Run:
    """Run `assistant` with the arguments, and with more variables as keywords."""

    def run(
        *arguments: str | Path, timeout: float = 120, cwd: Path | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ASSISTANT_HOME": str(assistant_home), "NO_COLOR": "1", **variables}
        return forker.run("assistant.cli", [str(argument) for argument in arguments], environment, timeout, cwd)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of documents."""
    folder = tmp_path / "docs"
    for name, text in {
        "travel.md": "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n",
        "hr/salary.md": "# Salaries\n\nGrade K7 is paid 4,310 euros a month.\n",
        "it/vpn.txt": "The VPN gateway is vpn-frankfurt-2. Certificates expire after 90 days.\n",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def json_of(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the one JSON object on stdout."""
    assert result.returncode == 0, result.stderr
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def assert_one_clear_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Assert that the command failed with one line that holds the words."""
    assert result.returncode == 1, (result.returncode, result.stdout, result.stderr)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0], (word, lines[0])
