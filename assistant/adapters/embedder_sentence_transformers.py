"""Embeds with any sentence-transformers model on torch: other models than the default, and GPUs."""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from assistant.adapters.texts import encodable
from assistant.errors import EmbedderError
from assistant.interfaces import Embedder, Vectors

T = TypeVar("T")

# Texts that are encoded while the lock is held: a question does not wait for a whole ingestion, and a long list needs
# little memory beyond its vectors.
_SLICE = 256
_BATCH = 32
_HUB_SECONDS = 5.0
_UNLIMITED = 1_000_000  # tokenizers of models without a limit report about 10 ** 30
_DEVICES = {"reranker": "reranker_device"}
_DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}


def load_sentence_transformers_embedder(model: str, device: str = "") -> Embedder:
    """Load a model from a folder, from the local Hugging Face cache, or else from the hub.

    Args:
        model: a folder, or a name with its owner such as `BAAI/bge-small-en-v1.5`.
        device: torch's name of the device, e.g. `cpu` or `cuda:0`; empty: the best one that is there.

    Raises:
        EmbedderError: sentence-transformers is not installed, or the model cannot be found or loaded.
    """
    return load_model(model, device, "embedder", SentenceTransformersEmbedder)


def load_model(
    model: str, device: str, setting: str, make: Callable[[Any, str], T], kind: str = "SentenceTransformer"
) -> T:
    """Load a model as `load_sentence_transformers_embedder` does, whatever it is for.

    Args:
        model, device: as there.
        setting: names the model in the settings, for hints.
        make: takes the loaded model and its label; what it raises means that the model is of no use.
        kind: the class of sentence-transformers that loads it.

    Raises:
        EmbedderError: see there.
    """
    try:
        import sentence_transformers
    except ImportError as error:
        raise EmbedderError(
            f"sentence-transformers cannot be imported: {error}",
            f"install the extra `torch` (`make up EXTRAS=torch`), or set `{setting}` to what needs none",
        ) from error
    folder = Path(model).expanduser()
    is_folder = folder.is_dir()
    if not is_folder and (folder.is_absolute() or model.startswith(("./", "../", "~"))):
        raise EmbedderError(f"there is no model folder {folder}", f"correct the setting `{setting}`")

    def load(name: str, *, local: bool) -> T:
        loaded = getattr(sentence_transformers, kind)(name, device=device or None, local_files_only=local)
        return make(loaded, folder.name if is_folder else model)

    with _quiet():
        try:
            if is_folder:
                return load(str(folder), local=True)
            try:
                return load(model, local=True)
            except OSError:  # not in the local cache, or only a part of it
                _ask_hub(model, setting)
                return load(model, local=False)
        except EmbedderError:
            raise
        except Exception as error:  # the library and the model's own code raise whatever they like
            cause = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EmbedderError(
                f"the model {model!r} cannot be loaded: {cause}",
                f"check the settings `{setting}` and `{_DEVICES.get(setting, 'embedder_device')}`",
            ) from error


class SentenceTransformersEmbedder:
    """Implements `interfaces.Embedder`; made by `load_sentence_transformers_embedder`.

    Prompts that the model's configuration holds for queries and documents are put before the texts.

    Args:
        model: a `SentenceTransformer`.
        label: what the model is called; a digest of its weights is added, so that an index built with it is not used
            with another model of the same name.
    """

    def __init__(self, model: Any, label: str) -> None:
        self._model = model
        self._encoding = threading.Lock()
        # A tokenizer of its own: the model's is told to cut and pad while it encodes in another thread.
        self._counter = copy.deepcopy(model.tokenizer)
        self._counting = threading.Lock()
        self.name = model_name(model, label)
        self.dimension: int = self.embed_query("").shape[0]
        self.max_tokens = int(min(model.max_seq_length or self._counter.model_max_length, _UNLIMITED))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `interfaces.Embedder`."""
        with self._counting:
            return [len(self._token_ids(encodable(text))) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """See `interfaces.Embedder`."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), _SLICE):
            part = [encodable(text) for text in texts[start : start + _SLICE]]
            vectors[start : start + _SLICE] = self._encode(self._model.encode_document, part)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """See `interfaces.Embedder`."""
        vector: Vectors = np.asarray(self._encode(self._model.encode_query, [encodable(text)])[0], dtype=np.float32)
        return vector

    def _encode(self, encode: Any, texts: list[str]) -> Any:
        with self._encoding:
            return encode(texts, batch_size=_BATCH, normalize_embeddings=True, show_progress_bar=False)

    def _token_ids(self, text: str) -> Sequence[int]:
        """Return the ids, special ones left out, without the library's warning about a long text."""
        ids: Sequence[int] = self._counter(
            text, add_special_tokens=False, truncation=False, padding=False, verbose=False
        )["input_ids"]
        return ids


def model_name(model: Any, label: str) -> str:
    """Return a name that changes with the model's weights and their arithmetic."""
    dtype = str(next(model.parameters()).dtype).removeprefix("torch.")
    return f"{label}@{_digest(model)}/{_DTYPES.get(dtype, dtype)}"


def _digest(model: Any) -> str:
    """Return eight hexadecimal digits that name the weights: from every tensor its name, shape and first values."""
    digest = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten()[:64].float().cpu().numpy().tobytes())
    return digest.hexdigest()[:8]


def _ask_hub(model: str, setting: str) -> None:
    """Return if the hub has this model; loading it without asking would try for more than a minute.

    Raises:
        EmbedderError: the hub does not answer, or has no such model.
    """
    from huggingface_hub import model_info

    name = model if "/" in model else f"sentence-transformers/{model}"  # as sentence-transformers completes it
    try:
        model_info(name, timeout=_HUB_SECONDS)
    except Exception as error:  # the classes depend on the HTTP client that the hub's library brings along
        cause = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise EmbedderError(
            f"the model {model!r} is neither a folder nor in the local cache, and the hub does not offer it: {cause}",
            f"set `{setting}` to a folder that holds a sentence-transformers model",
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's bars and warnings off standard error, where commands write their one line."""
    from transformers.utils import logging as library

    logging: Any = library  # its functions carry no types
    shown, verbosity = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if shown:
            logging.enable_progress_bar()
