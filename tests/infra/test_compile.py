"""What is compiled beforehand, and that Python keeps compiled what `make` runs, whatever the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FORBIDDING = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def test_what_parsers_import_is_compiled_where_nothing_else_would_be(tmp_path: Path) -> None:
    environment = {**FORBIDDING, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    subprocess.run([sys.executable, "infra/compile.py"], cwd=ROOT, env=environment, timeout=250, check=True)
    compiled = {file.name.partition(".")[0] for file in tmp_path.rglob("*.pyc")}
    parsers = {file.stem for file in (ROOT / "assistant" / "parsing").rglob("*.py") if file.stem != "__init__"}
    assert parsers <= compiled
    outside = [file for file in tmp_path.rglob("*.pyc") if "site-packages" in file.parts]
    assert len(outside) > 300


def test_make_lets_python_keep_what_it_compiles() -> None:
    show = "show: ; @echo [$$PYTHONDONTWRITEBYTECODE]"
    command = ["make", "--no-print-directory", f"--eval={show}", "show"]
    shown = subprocess.run(command, cwd=ROOT, env=FORBIDDING, capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.strip() == "[]"
