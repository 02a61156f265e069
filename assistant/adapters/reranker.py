"""Scores texts for a question with any cross-encoder of sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from assistant.adapters.embedder_sentence_transformers import load_model, model_name
from assistant.adapters.texts import encodable
from assistant.errors import EmbedderError
from assistant.interfaces import Reranker

_BATCH = 32
_HEADS = ("ForSequenceClassification", "ForCausalLM")


def load_reranker(model: str, device: str = "") -> Reranker:
    """Load a model from a folder, from the local Hugging Face cache, or else from the hub.

    Args:
        model: a folder, or a name with its owner such as `cross-encoder/ms-marco-MiniLM-L6-v2`.
        device: torch's name of the device, e.g. `cpu` or `cuda:0`; empty: the best one that is there.

    Raises:
        EmbedderError: sentence-transformers is not installed, or the model cannot be found or loaded, or it gives a
            pair of texts more than one score.
    """
    return load_model(model, device, "reranker", CrossEncoderReranker, kind="CrossEncoder")


class CrossEncoderReranker:
    """Implements `interfaces.Reranker`; made by `load_reranker`.

    Args:
        model: a `CrossEncoder` with one score for a pair of texts.
        label: what the model is called; a digest of its weights is added.
    """

    def __init__(self, model: Any, label: str) -> None:
        made_for = [str(name) for name in getattr(model.config, "architectures", None) or ()]
        if made_for and not any(name.endswith(_HEADS) for name in made_for):  # it would get a random one
            raise EmbedderError(
                f"the model {label!r} has no head that scores pairs of texts: it is {made_for[0]}",
                "set `reranker` to a cross-encoder that was trained to rank",
            )
        if model.num_labels != 1:
            raise EmbedderError(
                f"the model {label!r} gives a pair of texts {model.num_labels} scores and not one",
                "set `reranker` to a cross-encoder that was trained to rank",
            )
        self._model = model
        self._scoring = threading.Lock()
        self.name = model_name(model, label)

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        """See `interfaces.Reranker`."""
        if not texts:
            return []
        asked = encodable(query)
        pairs = [(asked, encodable(text)) for text in texts]
        with self._scoring:
            scores = self._model.predict(pairs, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True)
        return [float(score) for score in scores]
