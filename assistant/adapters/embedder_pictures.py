"""Embeds pictures and texts into one space with a CLIP or SigLIP model, through sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.adapters.embedder_sentence_transformers import load_model, model_name
from assistant.adapters.pixels import decoded
from assistant.adapters.texts import encodable
from assistant.errors import EmbedderError
from assistant.interfaces import PictureEmbedder, Vectors

if TYPE_CHECKING:
    from PIL.Image import Image

_SIDE = 1024  # pixels; models look at 224 to 512, and shrink what they get at full precision
_LEAST = 32  # pixels; what is thinner could be taken for channels of colour
_LONGEST = 4  # times as long as wide at the most: models enlarge the shorter side to their own size
_BATCH = 16  # pictures that are decoded and encoded at a time; a question waits for so many
_PADDED = frozenset({"siglip", "siglip2"})  # trained on texts that were all filled up to one length


def load_picture_embedder(model: str, device: str = "") -> PictureEmbedder:
    """Load a model from a folder, from the local Hugging Face cache, or else from the hub.

    Args:
        model: a folder, or a name such as `clip-ViT-B-32`, `openai/clip-vit-base-patch32` or
            `google/siglip-base-patch16-224`.
        device: torch's name of the device, e.g. `cpu` or `cuda:0`; empty: the best one that is there.

    Raises:
        EmbedderError: sentence-transformers is not installed, or the model cannot be found or loaded, or it does not
            embed both pictures and texts.
    """
    return load_model(model, device, "picture_embedder", ClipEmbedder)


class ClipEmbedder:
    """Implements `interfaces.PictureEmbedder`; made by `load_picture_embedder`.

    Args:
        model: a `SentenceTransformer` of pictures and texts.
        label: what the model is called; a digest of its weights is added.
    """

    def __init__(self, model: Any, label: str) -> None:
        if not {"image", "text"} <= set(model.modalities):
            raise EmbedderError(
                f"the model {label!r} does not embed both pictures and texts",
                "set `picture_embedder` to a CLIP or SigLIP model",
            )
        _pad_texts(model)
        self._model = model
        self._encoding = threading.Lock()
        self.name = model_name(model, label)
        self.dimension: int = self.embed_query("").shape[0]

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """See `interfaces.PictureEmbedder`."""
        vectors = np.empty((len(pictures), self.dimension), dtype=np.float32)
        for start in range(0, len(pictures), _BATCH):
            part = [_shaped(decoded(picture, _SIDE)) for picture in pictures[start : start + _BATCH]]
            vectors[start : start + _BATCH] = self._encode(self._model.encode, part)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """See `interfaces.PictureEmbedder`."""
        vector: Vectors = self._encode(self._model.encode_query, [encodable(text)])[0]
        return vector

    def _encode(self, encode: Any, inputs: list[Any]) -> Vectors:
        with self._encoding:
            rows = encode(inputs, batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        vectors: Vectors = np.asarray(rows, dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def _pad_texts(model: Any) -> None:
    """Have a SigLIP model fill up texts to the length it was trained on: sentence-transformers leaves that out."""
    module: Any = model[0]
    config: Any = getattr(module, "config", None)
    if getattr(config, "model_type", "") in _PADDED and not module.processing_kwargs.get("text"):
        length = config.text_config.max_position_embeddings
        module.processing_kwargs = {**module.processing_kwargs, "text": {"padding": "max_length", "max_length": length}}


def _shaped(image: Image) -> Image:
    """Return the picture in the middle of a white one if it is very long, and enlarged if it is tiny."""
    from PIL import Image

    width, height = image.size
    across, down = max(width, height // _LONGEST), max(height, width // _LONGEST)
    if (across, down) != image.size:
        canvas = Image.new("RGB", (across, down), "white")
        canvas.paste(image, ((across - width) // 2, (down - height) // 2))
        image = canvas
    if min(image.size) < _LEAST:
        scale = _LEAST / min(image.size)
        image = image.resize((round(image.width * scale), round(image.height * scale)))
    return image
