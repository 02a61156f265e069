"""What makes the vLLM of the tests: scripts that refuse what they do not understand. The adapter's tests run it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra" / "vllm"


@pytest.fixture(scope="module")
def mend() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mend", INFRA / "mend.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mending_twice_is_mending_once(mend: ModuleType) -> None:
    declared = mend.declare_operators("def _has_ops():\n    return False\n")
    assert declared.count("qnms(") == 1
    assert mend.declare_operators(declared) == declared
    compile(declared, "extension.py", "exec")
    copied = mend.copy_rows("lambda x, weight, bias: ops.onednn_mm(handler, x, bias)")
    assert copied == "lambda x, weight, bias: ops.onednn_mm(handler, x.contiguous(), bias)"
    assert mend.copy_rows(copied) == copied
    kept = mend.keep_experts("config(\n    is_lora_enabled=vllm_config.lora_config is not None,\n)")
    assert "lora_config is not None and not vllm_config.lora_config.target_modules," in kept
    assert mend.keep_experts(kept) == kept


def test_another_version_is_not_mended_by_guess(mend: ModuleType) -> None:
    for change in (mend.copy_rows, mend.keep_experts):
        with pytest.raises(SystemExit, match=r"mend\.py"):
            change("something else")


@pytest.mark.parametrize("script", ["build.sh", "serve.sh"])
def test_wrong_use_is_told(script: str) -> None:
    done = subprocess.run([str(INFRA / script)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_every_package_is_pinned() -> None:
    lines = (INFRA / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 100
    assert all(line.count("==") == 1 for line in pins)


def test_a_killed_test_run_leaves_no_server(tmp_path: Path) -> None:
    script = tmp_path / "serve.sh"
    script.write_text(
        f"#!/bin/sh\necho $$ > {tmp_path}/pid.new\nmv {tmp_path}/pid.new {tmp_path}/pid\nexec sleep 300\n"
    )
    script.chmod(0o755)
    code = (
        "import pathlib, sys; from tests.fakes import vllm; vllm.INFRA = pathlib.Path(sys.argv[1])\n"
        "with vllm.running_vllm(vllm.INFRA, vllm.INFRA / 'log'): pass"
    )
    run = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    try:
        assert until((tmp_path / "pid").exists)
        server = Path("/proc") / (tmp_path / "pid").read_text().strip()
        assert server.exists()
    finally:
        run.kill()
        run.wait()
    assert until(lambda: not server.exists())


def until(met: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 120
    while not met() and time.monotonic() < deadline:
        time.sleep(0.05)
    return met()
