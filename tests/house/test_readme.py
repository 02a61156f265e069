"""The commands of the README do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)  # commands of the whole assistant run, on a machine that may have other work
ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "infra" / "docs" / "tutorial.md").read_text(encoding="utf-8")


def _block(marker: str, page: str = README) -> str:
    found = re.findall(rf"<!-- {re.escape(marker)} -->\n```bash\n(.*?)```", page, flags=re.DOTALL)
    assert len(found) == 1, f"there must be one block marked '{marker}'"
    return str(found[0])


def _run(script: str, folder: Path, home: Path) -> str:
    """Run a block as a reader would: in a folder with `.venv`, in a shell that stops at the first error."""
    activate = folder / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True, exist_ok=True)
    activate.write_text(f"PATH={Path(sys.executable).parent}:$PATH\n", encoding="utf-8")
    env = {**os.environ, "ASSISTANT_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200"}
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    targets = re.findall(r"^make (\w+)", _block("targets"), flags=re.MULTILINE)
    assert targets == ["up", "test"]
    make = shutil.which("make")
    assert make
    for target in targets:
        done = subprocess.run([make, "-n", target], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr


def test_the_blocks_work_one_after_the_other(folder: Path) -> None:
    home = folder / "home"
    first = _run(_block("run: first question"), folder, home)
    assert "21 days" in first
    assert "travel.md" in first

    activate = "source .venv/bin/activate\n"
    assert "policies" in _run(activate + _block("run: schedule"), folder, home)

    commands = _block("run: rights").splitlines()
    _run(activate + "\n".join(commands[:-2]), folder, home)
    without, with_hr = (_run(activate + command, folder, home) for command in commands[-2:])
    assert "salaries.md" not in without
    assert "4,310" not in without
    assert "salaries.md" in with_hr
    assert "4,310" in with_hr


def test_the_first_steps_lead_to_an_answer(tmp_path: Path) -> None:
    said = _run(_block("run: tutorial", TUTORIAL), tmp_path, tmp_path / "home")
    assert "21 days" in said
    assert "travel.md" in said
