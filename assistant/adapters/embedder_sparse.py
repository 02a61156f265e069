"""Weighs words with any learned sparse model of sentence-transformers, such as SPLADE."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from assistant.adapters.embedder_sentence_transformers import load_model, model_name
from assistant.adapters.texts import encodable
from assistant.errors import EmbedderError
from assistant.interfaces import SparseEmbedder
from assistant.types.sparse import SparseVector

_SLICE = 32  # texts that are encoded while the lock is held: as many rows of a whole vocabulary are in memory at once


def load_sparse_embedder(model: str, device: str = "") -> SparseEmbedder:
    """Load a model from a folder, from the local Hugging Face cache, or else from the hub.

    Args:
        model: a folder, or a name with its owner such as `naver/splade-v3`.
        device: torch's name of the device, e.g. `cpu` or `cuda:0`; empty: the best one that is there.

    Raises:
        EmbedderError: sentence-transformers is not installed, or the model cannot be found or loaded, or it was never
            trained to give sparse vectors.
    """
    return load_model(model, device, "sparse_embedder", SentenceTransformersSparse, kind="SparseEncoder")


class SentenceTransformersSparse:
    """Implements `interfaces.SparseEmbedder`; made by `load_sparse_embedder`.

    Prompts that the model's configuration holds for queries and documents are put before the texts.

    Args:
        model: a `SparseEncoder`.
        label: what the model is called; a digest of its weights is added, so that an index built with it is not used
            with another model of the same name.
    """

    def __init__(self, model: Any, label: str) -> None:
        if _is_untrained(model):
            raise EmbedderError(
                f"the model {label!r} gives no sparse vectors: the layer that would make them has random weights",
                "set `sparse_embedder` to a model that was trained as a SparseEncoder, such as SPLADE",
            )
        self._model = model
        self._encoding = threading.Lock()
        self.name = model_name(model, label)

    def embed_passages(self, texts: Sequence[str]) -> list[SparseVector]:
        """See `interfaces.SparseEmbedder`."""
        found: list[SparseVector] = []
        for start in range(0, len(texts), _SLICE):
            found += self._encode(self._model.encode_document, texts[start : start + _SLICE])
        return found

    def embed_query(self, text: str) -> SparseVector:
        """See `interfaces.SparseEmbedder`."""
        return self._encode(self._model.encode_query, [text])[0]

    def _encode(self, encode: Any, texts: Sequence[str]) -> list[SparseVector]:
        with self._encoding:
            rows = encode(
                [encodable(text) for text in texts],
                batch_size=_SLICE,
                show_progress_bar=False,
                convert_to_tensor=False,
                save_to_cpu=True,
            )
        return [_vector(row.float().coalesce()) for row in rows]


def _vector(row: Any) -> SparseVector:
    weighed = zip(row.indices()[0].tolist(), row.values().tolist(), strict=True)
    kept = [(term, weight) for term, weight in weighed if weight > 0]
    return SparseVector(tuple(term for term, _ in kept), tuple(weight for _, weight in kept))


def _is_untrained(model: Any) -> bool:
    """Whether the library has put a fresh layer on a model that gives dense vectors: training moves its biases."""
    from sentence_transformers.sparse_encoder.modules import SparseAutoEncoder

    layers = [layer for layer in model.modules() if isinstance(layer, SparseAutoEncoder)]
    return any(not layer.latent_bias.any() and not layer.pre_bias.any() for layer in layers)
