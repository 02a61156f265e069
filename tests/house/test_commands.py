"""The scripts behind `make up` and CI fail clearly where they cannot do their work."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(script: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    return subprocess.run(
        [bash, str(script)],
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _copy(name: str, folder: Path) -> Path:
    target = folder / name
    target.parent.mkdir(parents=True)
    return Path(shutil.copy(ROOT / name, target))


def _program(folder: Path, name: str, body: str) -> str:
    """Write a shell program and return a PATH that finds it first."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_install_without_a_fitting_python(tmp_path: Path) -> None:
    done = _run(_copy("infra/install.sh", tmp_path), PYTHON="/no/such/python")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no Python 3.11 or newer found")
    assert not (tmp_path / ".venv").exists()


def test_install_without_ensurepip(tmp_path: Path) -> None:
    no_ensurepip = 'case "$*" in *ensurepip*) exit 1 ;; *--version*) echo Python 3.11.2 ;; esac'
    _program(tmp_path / "bin", "python-without", no_ensurepip)
    done = _run(_copy("infra/install.sh", tmp_path), PYTHON=str(tmp_path / "bin" / "python-without"))
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("echo '==== 26 passed, 2 skipped in 2.18s ===='", 0, "==== 26 passed, 2 skipped in 2.18s ===="),
        ("echo '==== 30 passed in 125.10s (0:02:05) ===='", 0, "==== 30 passed in 125.10s (0:02:05) ===="),
        ("echo '==== 3 skipped in 2.18s ===='", 1, ""),
        ("echo '==== no tests ran in 0.10s ===='; exit 5", 5, ""),
        ("echo '==== 1 failed, 26 passed in 2.18s ===='; exit 2", 2, ""),
    ],
)
def test_ci_fails_where_a_test_failed_or_none_ran(tmp_path: Path, output: str, code: int, expected: str) -> None:
    path = _program(tmp_path / "bin", "make", output)
    _program(tmp_path / "bin", "chromium", "exit 0")
    done = _run(_copy(".ci/run", tmp_path), PATH=path)
    assert done.returncode == code, done.stderr
    if expected:
        assert done.stdout.splitlines()[-1] == expected
