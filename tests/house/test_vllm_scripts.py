"""What makes the vLLM of the tests: scripts that refuse what they do not understand. The adapter's tests run it."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

INFRA = Path(__file__).parents[2] / "infra" / "vllm"


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
    done = subprocess.run([str(INFRA / script)], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_every_package_is_pinned() -> None:
    lines = (INFRA / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 100
    assert all(line.count("==") == 1 for line in pins)
