"""The sentence-transformers adapter: the contract with a tiny random model, names, prompts, errors."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from assistant.adapters.embedder_sentence_transformers import load_sentence_transformers_embedder
from assistant.errors import EmbedderError
from assistant.interfaces import Embedder
from tests.contracts.embedder_contract import EmbedderContract


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> Embedder:
    return load_sentence_transformers_embedder(str(tiny_model), "cpu")


class TestSentenceTransformersEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, tiny: Embedder) -> Embedder:
        return tiny


def test_sizes_are_the_models(tiny: Embedder) -> None:
    assert (tiny.dimension, tiny.max_tokens) == (32, 24)


def test_prompts_of_the_model_are_used(tiny: Embedder) -> None:
    assert tiny.embed_query("ab") @ tiny.embed_passages(["ab"])[0] < 0.999
    assert tiny.embed_query("ab") @ tiny.embed_passages(["q ab"])[0] == pytest.approx(1, abs=1e-5)


def test_the_name_stays_with_the_weights(tiny: Embedder, tiny_model: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    copied = shutil.copytree(tiny_model, tmp_path / "elsewhere" / "tiny")
    assert load_sentence_transformers_embedder(str(copied), "cpu").name == tiny.name
    weights = next(copied.rglob("model.safetensors"))
    tensors = load_file(weights)
    name = next(name for name in tensors if name.endswith("word_embeddings.weight"))
    tensors[name] = tensors[name] + np.float32(0.1)
    save_file(tensors, weights, metadata={"format": "pt"})
    changed = load_sentence_transformers_embedder(str(copied), "cpu").name
    assert changed != tiny.name
    assert changed.startswith("tiny@")
    assert changed.endswith("/fp32")


@pytest.mark.parametrize("model", ["/no/such/folder", "./no-such-folder", "~/no-such-folder"])
def test_a_missing_folder_is_named_at_once(model: str) -> None:
    with pytest.raises(EmbedderError, match=r"no model folder .*no"):
        load_sentence_transformers_embedder(model, "cpu")


def test_an_unknown_name_fails_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def unreachable(name: str, timeout: float) -> None:
        assert name == "nobody/no-such-model"
        assert timeout <= 10
        raise ConnectionError("name or service not known")

    monkeypatch.setattr(huggingface_hub, "model_info", unreachable)
    began = time.perf_counter()
    with pytest.raises(EmbedderError, match=r"nobody/no-such-model.*not known") as caught:
        load_sentence_transformers_embedder("nobody/no-such-model", "cpu")
    assert time.perf_counter() - began < 60
    assert "embedder" in caught.value.hint


def test_a_folder_without_a_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"cannot be loaded") as caught:
        load_sentence_transformers_embedder(str(tmp_path), "cpu")
    assert "\n" not in str(caught.value)


def test_an_unknown_device_is_one_clear_line(tiny_model: Path) -> None:
    with pytest.raises(EmbedderError, match=r"cannot be loaded") as caught:
        load_sentence_transformers_embedder(str(tiny_model), "nonsense")
    assert "\n" not in str(caught.value)


def test_loading_writes_nothing_on_standard_error(tiny_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load_sentence_transformers_embedder(str(tiny_model), "cpu")
    assert capfd.readouterr().err == ""
