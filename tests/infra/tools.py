"""Finds and runs the programs that check the files of infra: those of infra/checks/install.sh, or of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"


def cache() -> Path:
    """Return the folder that the installer of CI fills."""
    kept = os.environ.get("ASSISTANT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(kept) if kept else Path(base) / "assistant"


def tool(name: str) -> Path:
    """Return the program of that name; skip the test, by the program's name, where there is none."""
    for folder in (cache() / "checks" / "bin", cache() / "checks" / "venv" / "bin"):
        if (folder / name).exists():
            return folder / name
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed: infra/checks/install.sh does that")
    return Path(found)


def run(*command: str | Path, folder: Path = ROOT, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command and return what came of it, both outputs in one."""
    return subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=240,
    )


def passes(*command: str | Path, folder: Path = ROOT, text: str | None = None) -> str:
    """Run a command that has to end well, and return what it wrote."""
    done = run(*command, folder=folder, text=text)
    assert done.returncode == 0, f"{command[0]}: exit {done.returncode}\n{done.stdout}"
    return done.stdout
