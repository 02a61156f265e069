"""The commands of the page on measuring quality do what it says, in the order in which they stand there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)  # commands of the whole assistant run, on a machine that may have other work
PAGE = (Path(__file__).parents[2] / "infra" / "docs" / "evaluation.md").read_text(encoding="utf-8")


def _run(marker: str, folder: Path) -> subprocess.CompletedProcess[str]:
    found = re.findall(rf"<!-- run: {marker} -->\n```bash\n(.*?)```", PAGE, flags=re.DOTALL)
    assert len(found) == 1, f"evaluation.md must have one block marked 'run: {marker}'"
    program = folder / "bin" / "assistant"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m assistant.cli "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    home = folder / "home"
    path = f"{program.parent}:{os.environ['PATH']}"
    environment = {**os.environ, "ASSISTANT_HOME": str(home), "NO_COLOR": "1", "COLUMNS": "200", "PATH": path}
    bash = shutil.which("bash")
    assert bash
    done = subprocess.run(
        [bash, "-euo", "pipefail", "-c", found[0]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    assert done.returncode == 0, f"{found[0]}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluation")


def test_the_blocks_work_one_after_the_other(folder: Path) -> None:
    _run("measure", folder)
    before = json.loads((folder / "before.json").read_text())
    assert before["scores"] | {"found": 1.0, "refused": 1.0, "facts": 1.0, "evidence": 1.0} == before["scores"]
    assert before["settings"]["embedder"] == "onnx"
    assert not {name for name in before["settings"] if name.endswith(("_url", "_key", "home", "port"))}

    compared = _run("compare", folder)
    assert "facts" in compared.stdout
    assert "setting answer_mode: auto -> documents" in compared.stderr
    assert "tungsten" in (folder / "report.html").read_text(encoding="utf-8")

    _run("ci", folder)
    assert json.loads((folder / "scores.json").read_text())["questions"] == 3

    kept = _run("keep", folder)
    assert "operator" in kept.stdout
    assert json.loads((folder / "kept.jsonl").read_text())["facts"] == ["Concur"]
